"""What of a stream anybody may read: private unless a row says otherwise.

Guarantees that entries are never public without the hash tiles that prove them. The row is set through a
governance action alone, whose event in `_governance/changes` keeps the history (design: architecture).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.models.stream import Stream


class Publicity(models.Model):
    """`tiles`: checkpoint and hash tiles are public; `entries`: so are the leaves."""

    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, primary_key=True, related_name="publicity")
    tiles = models.BooleanField(default=False)
    entries = models.BooleanField(default=False)

    class Meta:
        db_table = "ledger_publicity"
        verbose_name_plural = "publicity"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(entries=False) | Q(tiles=True), name="publicity_entries_need_tiles"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}: tiles {self.tiles}, entries {self.entries}"
