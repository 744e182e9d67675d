"""Windows and the one checkpoint in preparation.

Guarantees that windows are numbered from 1 without a gap in their own table (append-only), and that a stream
has at most one prepared checkpoint: a crash between preparing and signing is resumed from that row, whose
text is signed as it is.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ledger.models.stream import Stream


class Window(models.Model):
    """A closed range of leaves, `first_index` to `last_index` inclusive, and where its manifest leaf
    stands.
    """

    pk = models.CompositePrimaryKey("stream_id", "number")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    number = models.BigIntegerField()
    first_index = models.BigIntegerField()
    last_index = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    opened = models.DateTimeField()
    closed = models.DateTimeField()
    reason = models.CharField(max_length=16)
    manifest_index = models.BigIntegerField()

    class Meta:
        db_table = "ledger_window"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stream", "root"], name="window_by_root")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stream", "manifest_index"], name="window_manifest_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="window_numbered_from_one"),
            models.CheckConstraint(condition=Q(last_index__gte=F("first_index")), name="window_not_empty"),
            models.CheckConstraint(condition=Q(manifest_index__gt=F("last_index")), name="window_manifest_after"),
            models.CheckConstraint(condition=Q(reason__in=["count", "age", "request"]), name="window_reason_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}: window {self.number}"


class Prepared(models.Model):
    """The checkpoint that is about to be signed: exactly this text and no other."""

    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, primary_key=True, related_name="+")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    text = models.TextField()
    number = models.BigIntegerField()

    class Meta:
        db_table = "ledger_prepared"

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.size}"
