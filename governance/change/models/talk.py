"""What is said beside the signatures: comments, holds, and asks that somebody may sign.

Guarantees, with triggers, that comments are written once, and that a hold is only ever ended.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.change.models.change import PERSON, Change


class Comment(models.Model):
    """A remark on a revision."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="comments")
    revision = models.PositiveIntegerField()
    by = models.CharField(max_length=PERSON)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "change_comment"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"comment of {self.by}"


class Hold(models.Model):
    """Somebody stopped a change until it is released."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="holds")
    by = models.CharField(max_length=PERSON)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    released_by = models.CharField(max_length=PERSON, null=True)
    released = models.DateTimeField(null=True)

    class Meta:
        db_table = "change_hold"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["change"], condition=Q(released__isnull=True), name="hold_once"),
        ]

    def __str__(self) -> str:
        return f"hold of {self.by}"


class Ask(models.Model):
    """`by` asked `person` to sign; the link that is sent never approves."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="asks")
    revision = models.PositiveIntegerField()
    group = models.CharField(max_length=63)
    person = models.CharField(max_length=PERSON)
    by = models.CharField(max_length=PERSON)
    at = models.DateTimeField()
    answered = models.DateTimeField(null=True)
    escalated = models.DateTimeField(null=True)

    class Meta:
        db_table = "change_ask"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["change", "revision", "person"], name="ask_once"),
        ]

    def __str__(self) -> str:
        return f"ask of {self.person}"
