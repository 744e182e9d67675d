"""Checkpoints: the signed notes of a stream, each kept byte for byte (append-only)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ledger.models.stream import Stream


class Checkpoint(models.Model):
    """A signed note over the first `size` leaves, and the window whose manifest is its last leaf."""

    pk = models.CompositePrimaryKey("stream_id", "size")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.BinaryField()
    window_number = models.BigIntegerField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stream", "root"], name="checkpoint_by_root")]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.size}"
