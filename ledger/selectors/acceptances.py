"""Who had an event accepted: beside the log, for those who may read it, and no evidence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min

from ledger.models import Acceptance, EventIndex, Leaf
from ledger.selectors.streams import StreamView


def accepted_by(stream: StreamView, index: int) -> str:
    """The opaque actor of the request that brought the leaf, '' where none is kept (before there was the table)."""
    batch = Leaf.objects.filter(stream_id=stream.id, index=index).values("batch")[:1]
    found = Acceptance.objects.filter(stream_id=stream.id, batch=batch).values_list("actor", flat=True)
    return found.first() or ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that added leaves: `first` to `last` are its events, as far as the search columns still name them."""

    stream_id: int
    recorded: datetime
    first: int | None
    last: int | None
    count: int


def accepted_from(streams: Collection[int], actor: str, limit: int) -> list[Accepted]:
    """The newest requests by which exactly this actor had events accepted in these streams."""
    rows = Acceptance.objects.filter(stream_id__in=streams, actor=actor).order_by("-recorded", "stream_id")
    found = rows.values_list("stream_id", "batch", "recorded")[:limit]
    return [Accepted(stream, recorded, *_leaves(stream, batch, recorded)) for stream, batch, recorded in found]


def _leaves(stream_id: int, batch: UUID, recorded: datetime) -> tuple[int | None, int | None, int]:
    """First, last and number of the batch's events. Leaves are not indexed by batch: what was recorded at that moment
    is, and the batch is among it.
    """
    span = EventIndex.objects.filter(stream_id=stream_id, recorded=recorded).aggregate(Min("index"), Max("index"))
    if span["index__min"] is None:
        return None, None, 0
    rows = Leaf.objects.filter(stream_id=stream_id, batch=batch, index__range=(span["index__min"], span["index__max"]))
    told = rows.aggregate(Min("index"), Max("index"), Count("index"))
    return told["index__min"], told["index__max"], told["index__count"]
