"""Denials of callers nobody knows, summed per minute, so that a flood leaves one record and not a million."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class DenialTally(models.Model):
    """How often `reason` was answered at `door` in the minute that begins at `minute`."""

    id = models.BigAutoField(primary_key=True)
    minute = models.DateTimeField()
    reason = models.CharField(max_length=64)
    door = models.CharField(max_length=64)
    count = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_denialtally"
        verbose_name_plural = "denial tallies"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["minute", "reason", "door"], name="denial_tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.reason} {self.door}: {self.count}"
