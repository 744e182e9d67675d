"""How a stream was over the last day or month, bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.watching.core.buckets import Span
from governance.watching.core.rules import PathMark
from governance.watching.models import HealthSample, StreamWatch
from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket: the worst state of each path seen in it (none where nothing was checked), and its events."""

    start: datetime
    states: dict[str, str]
    checks: int
    events: int


@dataclass(frozen=True, slots=True)
class History:
    """Buckets of one resolution, oldest first, without holes; when the stream was checked last, and what was seen."""

    span: Span
    buckets: tuple[Bucket, ...]
    checked: datetime | None
    marks: dict[str, PathMark]
    quiet_since: datetime | None


def history(stream: StreamView, span: Span, now: datetime) -> History:
    """The buckets that a page made at `now` shows; those of which nothing is known are empty."""
    starts = span.starts(now)
    rows = HealthSample.objects.filter(stream_id=stream.id, span_s=span.seconds, start__gte=starts[0])
    held = {row.start: Bucket(row.start, row.states, row.checks, row.events) for row in rows}
    buckets = tuple(held.get(start) or Bucket(start, {}, 0, 0) for start in starts)
    watch = StreamWatch.objects.filter(pk=stream.id).first() or StreamWatch(stream_id=stream.id)
    return History(span, buckets, watch.checked, marks_of(watch), watch.quiet_since)


def marks_of(watch: StreamWatch) -> dict[str, PathMark]:
    """The marks that a row holds, by path."""
    return {path: _mark(held) for path, held in watch.marks.items()}


def _mark(held: dict[str, Any]) -> PathMark:
    return PathMark(held["state"], _moment(held["late"]), _moment(held["off"]), held["sentence"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
