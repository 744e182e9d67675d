"""Leaves: the canonical bytes of every envelope, the only truth of the ledger.

Guarantees one row per (stream, index) and one per (stream, lookup key). The table is hash-partitioned by
stream and append-only: the runtime role may only read and insert, triggers refuse everybody else. `hash` and
`recorded` are derived from `bytes` and never trusted by a verification. No foreign key is checked per row:
leaves are inserted under the lock of their stream's head.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import BinaryField, F, Func

from ledger.models.stream import Stream

PARTITIONS = 16
HASH_PREFIX = 8
"""Bytes of a leaf hash in the index by which leaves are searched."""


def hash_prefix() -> Func:
    """The first bytes of `hash`, written out so that a query meets the index."""
    template = f"SUBSTRING(%(expressions)s FROM 1 FOR {HASH_PREFIX})"
    return Func(F("hash"), template=template, output_field=BinaryField())


class Leaf(models.Model):
    """One leaf. `lookup` finds a repeated (source, id); `batch` finds the outcome of an unknown commit."""

    pk = models.CompositePrimaryKey("stream_id", "index")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    index = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    bytes = models.BinaryField()
    hash = models.BinaryField(max_length=32)
    recorded = models.DateTimeField()
    kid = models.CharField(max_length=32, null=True)
    batch = models.UUIDField()
    lookup = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "ledger_leaf"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stream", "lookup"], name="leaf_lookup_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("stream"), hash_prefix(), name="leaf_by_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index}"
