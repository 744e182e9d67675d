"""Receipts' signatures, stored in bulk when a window is sealed (append-only).

With them a retired receipt key can be destroyed and its receipts still be served.
"""

from __future__ import annotations

from django.db import models

from ledger.models.stream import Stream


class Receipt(models.Model):
    """The signature over the receipt of one event leaf; the receipt's body is derived from the leaf.

    `issued` is the index as of which it was signed, where the key of its time could not sign any more.
    """

    pk = models.CompositePrimaryKey("stream_id", "index")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    index = models.BigIntegerField()
    kid = models.CharField(max_length=32)
    signature = models.BinaryField(max_length=64)
    issued = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_receipt"

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index}"
