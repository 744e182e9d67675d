"""Who had events accepted: one row for each request that added leaves, beside the log and no part of the evidence.

Guarantees that the row is written in the transaction of its leaves, under the batch that they carry. The table is
append-only; `actor` is opaque (`key:<id>`, `person:<id>`).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ledger.models.stream import Stream


class Acceptance(models.Model):
    """Leaves of `stream` under `batch` were accepted from `actor`."""

    pk = models.CompositePrimaryKey("stream_id", "batch")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    batch = models.UUIDField()
    actor = models.CharField(max_length=128)
    recorded = models.DateTimeField()

    class Meta:
        db_table = "ledger_acceptance"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stream", "actor", "recorded"], name="acceptance_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}, {self.batch}: {self.actor}"
