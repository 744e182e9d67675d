"""Search columns of the platform's own events: derived from their payloads, made anew at any time, never evidence."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from ledger.models.stream import Stream


class SystemFact(models.Model):
    """One event of `_system/events` or `_governance/changes`; `words` are the words of its type and its facts."""

    pk = models.CompositePrimaryKey("stream_id", "index")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    index = models.BigIntegerField()
    type = models.CharField(max_length=256)
    recorded = models.DateTimeField()
    actor = models.CharField(max_length=128, blank=True)
    code = models.CharField(max_length=64, blank=True)
    request = models.CharField(max_length=64, blank=True)
    summary = models.CharField(max_length=512, blank=True)
    words = ArrayField(models.CharField(max_length=128))

    class Meta:
        db_table = "ledger_systemfact"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stream", "actor", "index"], name="system_fact_by_actor"),
            models.Index(fields=["stream", "code", "index"], name="system_fact_by_code"),
            models.Index(fields=["stream", "request", "index"], name="system_fact_by_request"),
            models.Index(fields=["stream", "type", "index"], name="system_fact_by_type"),
            GinIndex(fields=["words"], name="system_fact_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index}"
