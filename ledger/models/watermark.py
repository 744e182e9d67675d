"""Watermarks: how far something that only grows, such as a spool, was entered. Append-only; the newest row counts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Watermark(models.Model):
    """`digest` is the hash of the last record of `name` that was entered."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    made = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_watermark"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name", "-id"], name="watermark_newest")]

    def __str__(self) -> str:
        return f"{self.name}: {self.digest}"
