"""The list of events in any order that an index serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.models import EventIndex
from ledger.selectors.keyset import Order, behind
from ledger.selectors.leaves import EventFilter, EventRow
from ledger.selectors.streams import StreamView

ORDERS = {"index": Order((("index", int),)), "type": Order((("type", str), ("index", int)))}
_COLUMNS = ("index", "type", "source", "event_id", "subject", "claimed_time", "recorded")


def event_rows(
    stream: StreamView, filters: EventFilter, order: Order, after: Sequence[Any] | None, limit: int
) -> list[EventRow]:
    """Up to `limit` lines behind the place `after`, which are values of the order's columns."""
    rows = EventIndex.objects.filter(stream_id=stream.id, **filters.conditions())
    return [EventRow(*row) for row in behind(rows, order, after).values_list(*_COLUMNS)[:limit]]
