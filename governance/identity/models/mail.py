"""Mails that wait: written in the transaction of what they tell, sent afterwards, tried again with growing pauses.

Guarantees that nothing is told that did not happen, and that a silent mail server loses nothing for a day.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.identity.models.person import Person


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Mail(models.Model):
    """One mail to one person; no secret ever stands in it."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="mails")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created = models.DateTimeField()
    state = models.CharField(max_length=8, default=MailState.WAITING.value)
    tries = models.PositiveSmallIntegerField(default=0)
    next = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_mail"
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next"], condition=Q(state="waiting"), name="mail_to_send"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=[one.value for one in MailState]), name="mail_state_known"),
        ]

    def __str__(self) -> str:
        return self.subject
