"""What is erased, held and declared, and which leaves say so: from the derived table of notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from ledger.core.erasure import Erasure, erasure_of
from ledger.core.gap import Gap, gap_of
from ledger.core.hold import Hold, hold_of
from ledger.core.spans import Span, joined
from ledger.core.terms import NOTHING, Terms, terms_of
from ledger.core.times import parse_time
from ledger.errors import RangeInvalid
from ledger.models import EventIndex, Notice, NoticeRange
from ledger.selectors.leaves import LeafView, leaves_at
from ledger.selectors.streams import StreamView

MAX_LISTED = 200
_WITHIN = """
SELECT min(event.index), max(event.index), count(*)
FROM unnest(%s::bigint[], %s::bigint[]) AS span (first, last)
JOIN ledger_eventindex AS event ON event.stream_id = %s AND event.index BETWEEN span.first AND span.last
GROUP BY span.first, span.last
"""


@dataclass(frozen=True, slots=True)
class ErasureView:
    """An erasure leaf; `is_open` until the content has gone."""

    index: int
    recorded: datetime
    told: Erasure
    is_open: bool


@dataclass(frozen=True, slots=True)
class HoldView:
    """A leaf that set a hold; `is_open` until its case was released."""

    index: int
    recorded: datetime
    told: Hold
    is_open: bool


@dataclass(frozen=True, slots=True)
class GapView:
    """A gap leaf."""

    index: int
    recorded: datetime
    told: Gap


@dataclass(frozen=True, slots=True)
class Spoken:
    """What leaves say of one leaf."""

    erasures: tuple[ErasureView, ...] = ()
    holds: tuple[HoldView, ...] = ()
    gaps: tuple[GapView, ...] = field(default=())

    def erasure_of(self, part: str) -> ErasureView | None:
        """The oldest erasure that took this part away."""
        return next((one for one in self.erasures if part in one.told.parts), None)


def erased_spans(stream_id: int, part: str) -> list[Span]:
    """Ascending spans of which this part was erased, or is being erased."""
    rows = NoticeRange.objects.filter(stream_id=stream_id, kind="erasure", **{part: True})
    return joined(rows.values_list("first", "last"))


def held_spans(stream_id: int) -> dict[str, list[Span]]:
    """What is held now, by case."""
    cases = dict(Notice.objects.filter(stream_id=stream_id, kind="hold", is_open=True).values_list("index", "name"))
    rows = NoticeRange.objects.filter(stream_id=stream_id, kind="hold", index__in=cases)
    found: dict[str, list[Span]] = {}
    for index, first, last in rows.values_list("index", "first", "last"):
        found.setdefault(cases[index], []).append((first, last))
    return {case: joined(spans) for case, spans in found.items()}


def spoken_of(stream: StreamView, index: int) -> Spoken:
    """Erasures, holds in force and gaps that name the leaf at `index`."""
    rows = NoticeRange.objects.filter(
        stream_id=stream.id, kind__in=("erasure", "hold", "gap"), first__lte=index, last__gte=index
    )
    found = _read(stream, sorted(set(rows.values_list("index", flat=True)))[:MAX_LISTED])
    holds = tuple(one for one in found[1] if one.is_open)
    return Spoken(found[0], holds, found[2])


def notices_of(stream: StreamView, kind: str, after: int | None = None, limit: int = 50) -> Spoken:
    """Leaves of one kind, the newest first, before index `after`; of holds also those that were released."""
    rows = Notice.objects.filter(stream_id=stream.id, kind=kind).order_by("-index")
    if kind == "hold":
        rows = rows.exclude(name="")
    if after is not None:
        rows = rows.filter(index__lt=after)
    found = _read(stream, list(rows.values_list("index", flat=True)[:limit]))
    return Spoken(*(tuple(reversed(part)) for part in found))  # type: ignore[arg-type]  # three parts of three types


def events_within(stream_id: int, spans: Sequence[Span]) -> dict[Span, int]:
    """How many events lie in each span, cut to its first and last event; spans without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN, ([first for first, _ in spans], [last for _, last in spans], stream_id))
        return {(first, last): count for first, last, count in cursor.fetchall()}


def subject_spans(stream: StreamView, subject: str) -> list[Span]:
    """The events of a subject, one span each run of neighbours; raises RangeInvalid where there is none."""
    rows = EventIndex.objects.filter(stream_id=stream.id, subject=subject)
    found = joined((index, index) for index in rows.values_list("index", flat=True))
    if not found:
        raise RangeInvalid("No event of this subject is known", next_step="Check it: erased subjects are not found.")
    return found


def open_erasures() -> list[tuple[int, int]]:
    """(stream, index) of erasures whose content has not gone yet, oldest first."""
    rows = Notice.objects.filter(kind="erasure", is_open=True).order_by("stream_id", "index")
    return list(rows.values_list("stream_id", "index"))


def counts_of(stream_id: int) -> dict[str, int]:
    """How many erasure and gap leaves there are, and how many holds are in force."""
    rows = Notice.objects.filter(stream_id=stream_id)
    return {
        "holds": rows.filter(kind="hold", is_open=True).values("name").distinct().count(),
        "erasures": rows.filter(kind="erasure").count(),
        "gaps": rows.filter(kind="gap").count(),
    }


def terms(stream: StreamView) -> Terms:
    """What the stream declares of itself now."""
    rows = Notice.objects.filter(stream_id=stream.id, kind="terms").order_by("-index")
    newest = rows.values_list("index", flat=True).first()
    return NOTHING if newest is None else terms_of(leaves_at(stream, [newest])[newest].parsed)


def overlapping(stream_id: int, first: int, last: int, size: int, kinds: Sequence[str]) -> set[int]:
    """Indices below `size` of leaves of these kinds that speak of any leaf in [first, last]."""
    rows = NoticeRange.objects.filter(
        stream_id=stream_id, kind__in=kinds, first__lte=last, last__gte=first, index__lt=size
    )
    return set(rows.values_list("index", flat=True))


def _read(
    stream: StreamView, indices: Sequence[int]
) -> tuple[tuple[ErasureView, ...], tuple[HoldView, ...], tuple[GapView, ...]]:
    is_open = dict(Notice.objects.filter(stream_id=stream.id, index__in=indices).values_list("index", "is_open"))
    views = [view for _, view in sorted(leaves_at(stream, indices).items())] if indices else []
    erasures = [ErasureView(*_at(one), erasure_of(one.parsed), is_open[one.index]) for one in _of(views, "erasure")]
    holds = [HoldView(*_at(one), hold_of(one.parsed), is_open[one.index]) for one in _of(views, "hold")]
    gaps = [GapView(*_at(one), gap_of(one.parsed)) for one in _of(views, "gap")]
    return tuple(erasures), tuple(one for one in holds if not one.told.released), tuple(gaps)


def _of(views: Sequence[LeafView], kind: str) -> list[LeafView]:
    return [one for one in views if one.kind == kind]


def _at(view: LeafView) -> tuple[int, datetime]:
    return view.index, parse_time(view.recorded)
