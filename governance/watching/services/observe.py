"""Observing one stream: paths and completeness are checked, marks renewed, and the buckets of this moment updated.

Guarantees that a bucket never gets better than the worst that was seen in it, and that the number of rows of a
stream is bounded: what is older than a resolution is kept is deleted in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from governance.watching.core.buckets import COARSE, FINE, SPANS, Span, merged
from governance.watching.core.rules import Observed, PathMark, remark
from governance.watching.models import HealthSample, StreamWatch
from governance.watching.selectors.health_over_time import marks_of
from ledger.models import EventIndex
from ledger.selectors.completeness import completeness_of
from ledger.selectors.health import PathHealth, health_of
from ledger.selectors.streams import StreamView

_COUNTED = """
INSERT INTO watching_healthsample (stream_id, span_s, start, states, checks, events)
SELECT %(stream)s, %(span)s, date_bin(make_interval(secs => %(span)s), recorded, 'epoch'::timestamptz) AS bucket,
       '{}'::jsonb, 0, count(*)
FROM ledger_eventindex
WHERE stream_id = %(stream)s AND recorded >= %(from)s AND recorded < %(to)s
GROUP BY bucket
ON CONFLICT (stream_id, span_s, start) DO NOTHING
"""


def observe(watch: StreamWatch, stream: StreamView, now: datetime) -> Observed:
    """Check `stream` at `now` and write down what was seen; `watch` is its row, held under lock."""
    if watch.checked is None:
        _count_the_past(stream, now)
    health = (*health_of(stream, now), completeness_of(stream, now))
    seen = Observed(_marks(watch, health, now), _quiet_since(stream))
    watch.checked, watch.quiet_since, watch.marks = now, seen.quiet_since, _written(seen)
    watch.save(update_fields=["checked", "quiet_since", "marks"])
    states = {path.path: path.state for path in health}
    events = _count_events(stream, FINE.start_of(now), FINE)
    _into_bucket(stream, FINE, now, states, events)
    _into_bucket(stream, COARSE, now, states, _sum_of_fine(stream, COARSE.start_of(now)))
    _forget(stream, now)
    return seen


def _marks(watch: StreamWatch, health: tuple[PathHealth, ...], now: datetime) -> dict[str, PathMark]:
    before = marks_of(watch)
    return {path.path: remark(before.get(path.path), path.state, path.sentence, now) for path in health}


def _written(seen: Observed) -> dict[str, dict[str, str | None]]:
    return {
        path: {
            "state": mark.state,
            "late": mark.late.isoformat() if mark.late else None,
            "off": mark.off.isoformat() if mark.off else None,
            "sentence": mark.sentence,
        }
        for path, mark in seen.marks.items()
    }


def _quiet_since(stream: StreamView) -> datetime:
    newest = EventIndex.objects.filter(stream_id=stream.id).order_by("-index").values_list("recorded", flat=True)
    return newest.first() or stream.created


def _count_events(stream: StreamView, start: datetime, span: Span) -> int:
    rows = EventIndex.objects.filter(stream_id=stream.id, recorded__gte=start, recorded__lt=start + span.length)
    return rows.count()


def _sum_of_fine(stream: StreamView, start: datetime) -> int:
    """Events of a coarse bucket, from the fine ones in it: nothing is counted twice from the ledger."""
    rows = HealthSample.objects.filter(
        stream_id=stream.id, span_s=FINE.seconds, start__gte=start, start__lt=start + COARSE.length
    )
    return sum(rows.values_list("events", flat=True))


def _into_bucket(stream: StreamView, span: Span, now: datetime, states: dict[str, str], events: int) -> None:
    row, _ = HealthSample.objects.get_or_create(stream_id=stream.id, span_s=span.seconds, start=span.start_of(now))
    row.states, row.checks, row.events = merged(row.states, states), row.checks + 1, max(row.events, events)
    row.save(update_fields=["states", "checks", "events"])


def _count_the_past(stream: StreamView, now: datetime) -> None:
    """Once for a stream: events of the buckets from before it was watched."""
    with connection.cursor() as cursor:
        for span in SPANS:
            values: dict[str, int | datetime] = {"stream": stream.id, "span": span.seconds}
            values |= {"from": span.start_of(now) - span.kept, "to": now}
            cursor.execute(_COUNTED, values)


def _forget(stream: StreamView, now: datetime) -> None:
    for span in SPANS:
        old = HealthSample.objects.filter(stream_id=stream.id, span_s=span.seconds, start__lt=now - span.kept)
        old.delete()
