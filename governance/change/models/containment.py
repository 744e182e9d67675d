"""Freezes and incidents: what stops execution, and why something was done without waiting.

Guarantees, with triggers, that a freeze is only ever lifted, and that an incident's timeline is appended to.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.change.models.change import PERSON


class Freeze(models.Model):
    """Nothing is executed in `scope` (`platform`, or `tenant:<uuid>`) until it is lifted."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=64)
    by = models.CharField(max_length=PERSON)
    reason = models.CharField(max_length=500)
    decision = models.CharField(max_length=64)
    at = models.DateTimeField()
    lifted_decision = models.CharField(max_length=64, null=True)
    lifted = models.DateTimeField(null=True)

    class Meta:
        db_table = "change_freeze"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["scope"], condition=Q(lifted__isnull=True), name="freeze_once"),
        ]

    def __str__(self) -> str:
        return f"freeze of {self.scope}"


class Incident(models.Model):
    """Something that is being looked into, with its timeline; `index` is the leaf that says who opened it.

    `change` is the public id of what was applied in an emergency, None where it was opened by itself. `tenant` is whose
    it is (a public id; None: the platform's).
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    change = models.CharField(max_length=64, unique=True, null=True)
    tenant = models.CharField(max_length=64, null=True)
    kind = models.CharField(max_length=64)
    reason = models.TextField()
    by = models.CharField(max_length=PERSON)
    index = models.BigIntegerField(null=True)
    opened = models.DateTimeField()
    closed = models.DateTimeField(null=True)

    class Meta:
        db_table = "change_incident"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class IncidentEntry(models.Model):
    """One line of the timeline; `index` is its leaf, None where the clock wrote it."""

    id = models.BigAutoField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    by = models.CharField(max_length=PERSON)
    text = models.TextField()
    index = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "change_incidententry"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return self.text[:60]
