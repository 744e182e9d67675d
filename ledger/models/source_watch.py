"""What the search for gaps at the source remembers: how far it came, and the newest number of each source.

Changed in the transaction that writes the gap leaves, so that each gap is told once however often the search is
killed. Sources are kept as keyed hashes alone. `RefusedAppend` counts what we refused ourselves, by the minute.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ledger.models.stream import Stream


class SourceWatch(models.Model):
    """`scanned` is the next leaf to look at; `last_*` the newest event seen; `told_after` the event after which a
    silence that had not ended was told.
    """

    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, primary_key=True, related_name="+")
    scanned = models.BigIntegerField()
    last_index = models.BigIntegerField(null=True)
    last_recorded = models.DateTimeField()
    told_after = models.BigIntegerField(null=True)
    looked = models.DateTimeField()

    class Meta:
        db_table = "ledger_sourcewatch"

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.scanned}"


class SourceSequence(models.Model):
    """The newest `sequence` of one source, as digits, and the event that carries it."""

    pk = models.CompositePrimaryKey("stream_id", "source")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    source = models.BinaryField(max_length=32)
    number = models.CharField(max_length=64)
    index = models.BigIntegerField()

    class Meta:
        db_table = "ledger_sourcesequence"

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.number}"


class RefusedAppend(models.Model):
    """How many appends to a stream were refused by our own fault with `code` in the minute that begins then."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="+")
    minute = models.DateTimeField()
    code = models.CharField(max_length=64)
    count = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_refusedappend"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stream", "minute", "code"], name="refused_append_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.minute:%H:%M} {self.code}: {self.count}"
