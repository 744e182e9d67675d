"""Where each checkpoint stands in the log of heads; derived from the `head` leaves of `_platform/heads`.

Guarantees that no checkpoint is entered twice: its row is written in the transaction of its leaf.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.models.stream import Stream


class LoggedHead(models.Model):
    """The checkpoint of `size` leaves of `stream` is leaf `index` of `_platform/heads`, or of the log that continues
    it (`log`, null for the first one).
    """

    pk = models.CompositePrimaryKey("stream_id", "size")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    size = models.BigIntegerField()
    index = models.BigIntegerField()
    log = models.ForeignKey(Stream, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        db_table = "ledger_loggedhead"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["index"], condition=Q(log__isnull=True), name="logged_head_leaf_once"),
            models.UniqueConstraint(fields=["log", "index"], name="logged_head_leaf_once_in_successor"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}, {self.size}: {self.index}"
