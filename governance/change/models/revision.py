"""What is proposed, word for word, with the effect it would have: one row for each version of the text.

Guarantees, with a trigger, that a revision is written once. Signatures name its number, so an edit voids them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.change.models.change import PERSON, Change


class Revision(models.Model):
    """Body, reason and effect, and the rule of the policy under which they are judged."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    by = models.CharField(max_length=PERSON)
    body = models.JSONField()
    reason = models.TextField()
    base = models.JSONField()
    result = models.JSONField()
    direction = models.CharField(max_length=16)
    invalidates = models.JSONField()
    way_back = models.JSONField(null=True)
    policy = models.CharField(max_length=64)
    rule = models.JSONField()
    made = models.DateTimeField()

    class Meta:
        db_table = "change_revision"
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["change", "number"], name="revision_once"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.change_id}"
