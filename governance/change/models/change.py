"""A change and where it stands.

Guarantees, with triggers, that a row whose state is terminal never changes again, that no step is taken which the
table of states does not name, that no change is applied without a signed word to do so, and that every step has its
event in `_governance/changes`: `index` is its place there, and the commit is refused without it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.change.core.states import State

PERSON = 64
"""Length of `person:<uuid>`, with room."""


class Change(models.Model):
    """One proposal. `subject` names the one document it changes; times that count for a lock or a life are seconds."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    type = models.CharField(max_length=64)
    subject = models.CharField(max_length=512)
    tenant = models.CharField(max_length=64, null=True)
    state = models.CharField(max_length=32, default=State.DRAFT.value)
    revision = models.PositiveIntegerField(default=1)
    author = models.CharField(max_length=PERSON)
    reverts = models.UUIDField(null=True)
    not_before = models.BigIntegerField(null=True)
    not_after = models.BigIntegerField(null=True)
    ready_at = models.BigIntegerField(null=True)
    lost_at = models.BigIntegerField(default=0)
    index = models.BigIntegerField(default=0)
    applied_index = models.BigIntegerField(null=True)
    executor = models.CharField(max_length=PERSON, null=True)
    observe_until = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=200, default="")
    created = models.DateTimeField()
    moved = models.DateTimeField()

    class Meta:
        db_table = "change_change"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=[one.value for one in State]), name="change_state_known"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="change_has_a_revision"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-id"], name="change_by_state"),
            models.Index(fields=["tenant", "-id"], name="change_by_tenant"),
            models.Index(fields=["subject"], name="change_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"

    @property
    def key(self) -> str:
        """The public id as it is signed and recorded."""
        return str(self.public_id)
