"""The peers' tables: the columns that an event has, and what each peer adds to them."""

from __future__ import annotations

import pghistory
from auditlog.registry import auditlog
from django.db import models


class Event(models.Model):
    """What an event says."""

    event_id = models.CharField(max_length=256)
    type = models.CharField(max_length=256)
    source = models.CharField(max_length=2048)
    subject = models.CharField(max_length=1024)
    time = models.CharField(max_length=64)
    payload = models.TextField()

    class Meta:
        abstract = True


@pghistory.track(pghistory.InsertEvent())
class Tracked(Event):
    """A row that django-pghistory keeps the history of, by a trigger."""


class Audited(Event):
    """A row that django-auditlog writes a LogEntry for."""


class Chained(Event):
    """A naive hash chain: each row names the hash of the one before it."""

    number = models.BigIntegerField(unique=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)


class ChainHead(models.Model):
    """Where the naive chain ends."""

    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)


auditlog.register(Audited)
