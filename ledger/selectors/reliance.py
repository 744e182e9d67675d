"""On which leaves reliance is paused, and which leaves said so: for each leaf the newest reliance leaf counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.core.times import parse_time
from ledger.core.verify.reliance import paused_parts
from ledger.models import Notice
from ledger.selectors.leaves import LeafView, leaves_at
from ledger.selectors.streams import StreamView, streams_in

_KIND = "reliance"
MOST_STREAMS = 1_000
_SPANS = """
SELECT held.stream_id, held.index, held.first, held.last, notice.name
FROM ledger_noticerange AS held
JOIN ledger_notice AS notice USING (stream_id, index)
JOIN ledger_stream AS stream ON stream.id = held.stream_id
WHERE held.kind = 'reliance' AND (stream.id = %s OR stream.namespace = ANY(%s))
ORDER BY held.stream_id, held.index
"""


@dataclass(frozen=True, slots=True)
class RelianceView:
    """A reliance leaf: both ends of its range lie inside."""

    index: int
    recorded: datetime
    first: int
    last: int
    paused: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A part of a stream on which reliance is paused now, and the newest leaf that says so of its beginning."""

    stream_id: int
    namespace: str
    name: str
    first: int
    last: int
    by: RelianceView

    def overlaps(self, first: int, last: int) -> bool:
        """Whether any leaf of [first, last] is among those paused."""
        return self.first <= last and first <= self.last


@dataclass(frozen=True, slots=True)
class _Said:
    index: int
    first: int
    last: int
    paused: bool


def spans_of(stream: StreamView) -> list[tuple[int, int, bool]]:
    """What reliance leaves of `stream` name, oldest first: (first, last, paused), as `paused_parts` takes them."""
    return [(one.first, one.last, one.paused) for one in _said(stream.id, ()).get(stream.id, [])]


def pauses_of(stream: StreamView) -> tuple[Pause, ...]:
    """The parts of one stream on which reliance is paused, ascending."""
    return _pauses(stream, _said(stream.id, ()).get(stream.id, []))


def pauses_in(namespaces: Collection[str]) -> tuple[Pause, ...]:
    """The same of every stream of these namespaces, by name; one query where nothing ever was paused."""
    said = _said(None, list(namespaces))
    if not any(one.paused for spans in said.values() for one in spans):
        return ()
    streams = [one for one in streams_in(namespaces, limit=MOST_STREAMS) if one.id in said]
    return tuple(pause for stream in streams for pause in _pauses(stream, said[stream.id]))


def reliance_leaves(stream: StreamView, limit: int = 100) -> tuple[RelianceView, ...]:
    """The reliance leaves of a stream, the newest first."""
    rows = Notice.objects.filter(stream_id=stream.id, kind=_KIND).order_by("-index").values_list("index", flat=True)
    found = leaves_at(stream, list(rows[:limit]))
    return tuple(_view(found[index]) for index in sorted(found, reverse=True))


def _pauses(stream: StreamView, said: list[_Said]) -> tuple[Pause, ...]:
    parts = paused_parts([(one.first, one.last, one.paused) for one in said], 0, stream.size - 1)
    names = {part: _newest(said, part[0]) for part in parts}
    views = {index: _view(leaf) for index, leaf in leaves_at(stream, sorted(set(names.values()))).items()}
    return tuple(
        Pause(stream.id, stream.namespace, stream.name, first, last, views[names[first, last]]) for first, last in parts
    )


def _newest(said: list[_Said], index: int) -> int:
    return max(one.index for one in said if one.paused and one.first <= index <= one.last)


def _said(stream_id: int | None, namespaces: list[str] | tuple[str, ...]) -> dict[int, list[_Said]]:
    found: dict[int, list[_Said]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [stream_id, list(namespaces)])
        for owner, index, first, last, name in cursor.fetchall():
            found[owner].append(_Said(index, first, last, name == "paused"))
    return found


def _view(leaf: LeafView) -> RelianceView:
    told = leaf.envelope
    first, last = told["from"], told["to"]
    assert isinstance(first, int) and isinstance(last, int)  # noqa: S101, PT018  (the leaf's schema)
    return RelianceView(
        leaf.index, parse_time(leaf.recorded), first, last, told["state"] == "paused", str(told["reason"])
    )
