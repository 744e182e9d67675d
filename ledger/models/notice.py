"""Notices: where leaves stand that speak of other leaves (erasures, holds, gaps, reliance), and of the stream (terms).

Derived from those leaves and written with them, so that nobody searches a log of millions for them; never evidence.
`is_open` is the one thing that changes: an erasure is open until its content has gone, a hold until it is released.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ledger.models.stream import Stream

KINDS = ("erasure", "hold", "gap", "terms", "reliance")


class Notice(models.Model):
    """One such leaf; `name` is the case of a hold, the cause of a gap, or the state of a reliance leaf."""

    pk = models.CompositePrimaryKey("stream_id", "index")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    index = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=256, blank=True)
    is_open = models.BooleanField(default=False)

    class Meta:
        db_table = "ledger_notice"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stream", "kind", "-index"], name="notice_by_kind"),
            models.Index(fields=["kind", "stream"], name="notice_open", condition=Q(is_open=True)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="notice_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index} {self.kind}"


class NoticeRange(models.Model):
    """One range of leaves, both ends inside, of which the leaf at `index` speaks; the parts are an erasure's."""

    pk = models.CompositePrimaryKey("stream_id", "index", "first")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False, related_name="+")
    index = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    attrs = models.BooleanField(default=False)
    payload = models.BooleanField(default=False)

    class Meta:
        db_table = "ledger_noticerange"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stream", "kind", "first", "last"], name="notice_range_by_kind"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="notice_range_ascends"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index} {self.first}-{self.last}"
