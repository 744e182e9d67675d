"""Where each checkpoint stands in the log of heads; derived from the `head` leaves of `_platform/heads`.

Guarantees that no checkpoint is entered twice: its row is written in the transaction of its leaf.
"""

from __future__ import annotations

from django.db import models

from ledger.models.stream import Stream


class LoggedHead(models.Model):
    """The checkpoint of `size` leaves of `stream` is leaf `index` of `_platform/heads`."""

    pk = models.CompositePrimaryKey("stream_id", "size")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    size = models.BigIntegerField()
    index = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "ledger_loggedhead"

    def __str__(self) -> str:
        return f"{self.stream_id}, {self.size}: {self.index}"
