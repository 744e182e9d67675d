"""Watermarks: how far a sweep has read something that only grows, such as the sequence of refusals."""

from __future__ import annotations

from django.db import models


class Watermark(models.Model):
    """The last `value` that the sweep `name` has recorded."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_watermark"

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
