"""The sessions there are, for their holder to see and to end.

Guarantees that an ended session stays ended, and that no full address is kept. `key` is where the session itself lives
(`django_session`), so that it can be removed from there; it is emptied with the end.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from governance.identity.models.person import Person


class Ended(StrEnum):
    """Why a session is over."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"


_REASONS = [one.value for one in Ended]


class SessionQuerySet(models.QuerySet["Session"]):
    """Rows of which most readers want those that still open something."""

    def live(self) -> SessionQuerySet:
        """Not ended, and of the holder's present epoch: a password, role or key that went took older ones along."""
        return self.filter(ended__isnull=True, epoch=F("person__session_epoch"), person__is_active=True)


class Session(models.Model):
    """`factor` is how the second factor was given last ('' while it was not); `agent` and `network` are what the
    browser said and the network it came from (/24 or /48).
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sessions")
    key = models.CharField(max_length=40)
    epoch = models.PositiveIntegerField()
    began = models.DateTimeField()
    seen = models.DateTimeField()
    factor = models.CharField(max_length=16, default="")
    verified = models.DateTimeField(null=True)
    agent = models.CharField(max_length=200, default="")
    network = models.CharField(max_length=64, default="")
    ended = models.DateTimeField(null=True)
    why = models.CharField(max_length=16, default="")

    objects = SessionQuerySet.as_manager()

    class Meta:
        db_table = "identity_session"
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person"], condition=Q(ended__isnull=True), name="session_open"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ended__isnull=True, why="") | Q(ended__isnull=False, why__in=_REASONS, key=""),
                name="session_ends_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.public_id}"
