"""What is still to be told of a change, and to whom it was: an outbox, written with the step that it tells of.

No evidence: the record is. A row that was told can go.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.change.core.occasions import Occasion
from governance.change.models.change import PERSON, Change


class Telling(models.Model):
    """One occasion; `person` is whom it is about beside the change (who was asked), `mark` makes it unique in time."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="tellings")
    occasion = models.CharField(max_length=32, choices=[(one.value, one.value) for one in Occasion])
    revision = models.PositiveIntegerField()
    by = models.CharField(max_length=PERSON)
    person = models.CharField(max_length=PERSON, default="")
    words = models.CharField(max_length=500, default="")
    mark = models.CharField(max_length=80, default="")
    at = models.DateTimeField()
    told = models.DateTimeField(null=True)

    class Meta:
        db_table = "change_telling"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["change", "occasion", "mark"], condition=~Q(mark=""), name="telling_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["id"], condition=Q(told__isnull=True), name="telling_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} of {self.change_id}"
