"""Single-use tickets: an invitation, or leave to enrol a factor for somebody who has none.

Guarantees that the token's SHA-256 alone is stored, that a ticket ends, and that it is used or withdrawn once.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from governance.identity.core.tickets import Purpose
from governance.identity.models.person import Person

_PURPOSES = [one.value for one in Purpose]


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Rows of which most readers want those that still open something."""

    def live(self, now: datetime) -> TicketQuerySet:
        """Neither used, nor withdrawn, nor past its end at `now`."""
        return self.filter(used__isnull=True, withdrawn__isnull=True, expires__gt=now)


class Ticket(models.Model):
    """One token for one person."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tickets")
    purpose = models.CharField(max_length=16)
    created_by = models.CharField(max_length=200)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
    withdrawn = models.DateTimeField(null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        db_table = "identity_ticket"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(purpose__in=[one.value for one in Purpose]), name="ticket_purpose_known"
            ),
            models.CheckConstraint(condition=Q(expires__gt=F("created")), name="ticket_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(used__isnull=True) | Q(withdrawn__isnull=True), name="ticket_ends_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"
