"""Completeness at the source: what was declared, whether it holds now, and the gaps that were told.

Without a declaration nothing could be noticed, so nothing is evaluated, and the sentence says so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ledger.core.durations import duration
from ledger.core.terms import Terms
from ledger.health import COMPLETENESS, State
from ledger.models import EventIndex, Leaf, Notice, SourceWatch
from ledger.selectors.health import PathHealth
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView

RECENT = timedelta(hours=24)


def completeness_of(stream: StreamView, now: datetime | None = None) -> PathHealth:
    """The line that stands beside the five health paths."""
    moment = now or datetime.now(UTC)
    declared = terms(stream)
    if not declared.notices_gaps:
        return _path(State.NOT_EVALUATED, f"This stream declares neither rhythm nor sequence{_told(stream)}.")
    watch = SourceWatch.objects.filter(stream_id=stream.id).first()
    looked = max(0.0, (moment - watch.looked).total_seconds()) if watch is not None else None
    silent = _silent(stream, declared, watch, moment)
    if silent:
        return _path(State.FAIL, f"{silent}; {_said(declared)}.", looked)
    recent = _recent(stream, moment)
    if recent:
        told = "gap was" if recent == 1 else "gaps were"
        return _path(State.FAIL, f"{recent:,} {told} told in the last 24 hours; {_said(declared)}.", looked)
    if looked is None:
        return _path(State.STALE, f"Gaps were not looked for yet; {_said(declared)}.")
    state = COMPLETENESS.state_at(looked, 0)
    return _path(state, f"Gaps were looked for {duration(looked)} ago, and none was found; {_said(declared)}.", looked)


def _path(state: State, sentence: str, age: float | None = None) -> PathHealth:
    return PathHealth(COMPLETENESS.path, str(state), sentence, age, COMPLETENESS.next_of(state))


def _said(declared: Terms) -> str:
    rhythm = f"an event every {duration(declared.expected_every_s)}" if declared.expected_every_s else ""
    parts = [part for part in (rhythm, "numbered events of each source" if declared.sequence else "") if part]
    return f"leaf {declared.index:,} declares {' and '.join(parts)}"


def _told(stream: StreamView) -> str:
    """Our own refusals are told without a declaration too."""
    count = Notice.objects.filter(stream_id=stream.id, kind="gap").count()
    if not count:
        return ", so nothing that was not sent could be noticed"
    return f"; {count:,} {'gap leaf tells' if count == 1 else 'gap leaves tell'} what is known to lack"


def _silent(stream: StreamView, declared: Terms, watch: SourceWatch | None, now: datetime) -> str:
    if declared.expected_every_s is None or watch is None:
        return ""
    newest = EventIndex.objects.filter(stream_id=stream.id).order_by("-recorded", "-index").first()
    last = watch.last_recorded if newest is None else max(newest.recorded, watch.last_recorded)
    age = (now - last).total_seconds()
    return f"No event has come for {duration(age)}" if age > declared.expected_every_s else ""


def _recent(stream: StreamView, now: datetime) -> int:
    newest = Notice.objects.filter(stream_id=stream.id, kind="gap").order_by("-index")[:1_000]
    rows = Leaf.objects.filter(stream_id=stream.id, index__in=list(newest.values_list("index", flat=True)))
    return rows.filter(recorded__gte=now - RECENT).count()
