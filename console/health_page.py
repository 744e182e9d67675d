"""What the page of a stream's health over time tells: one line, a strip for each path, and the rate of events."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console import words
from console.content_facts import said_of
from console.history_charts import rate, rate_label, strip
from console.marks import mark_of
from governance.watching.core.buckets import COARSE, FINE
from governance.watching.selectors.health_over_time import history
from ledger.health import ROWS
from ledger.selectors import leaves, notices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.utils.safestring import SafeString

    from governance.watching.selectors.health_over_time import Bucket, History
    from ledger.selectors.streams import StreamView

SPANS = {"day": (FINE, "the last 24 hours"), "month": (COARSE, "the last 30 days")}
NEWEST = 10
_NONE = "not checked"


@dataclass(frozen=True, slots=True)
class Run:
    """Buckets that follow each other in one state, from `start` up to `end`."""

    start: datetime
    end: datetime
    state: str


@dataclass(frozen=True, slots=True)
class PathHistory:
    """One path: how it is now, its strip, what it comes to in words, and its runs as rows."""

    path: str
    title: str
    state: str
    sentence: str
    told: str
    strip: SafeString
    runs: tuple[Run, ...]


def context_of(stream: StreamView, span_name: str, now: datetime) -> dict[str, Any]:
    """The context of `streams/health.html`; `span_name` is day or month."""
    span, over = SPANS[span_name]
    found = history(stream, span, now)
    counts = [one.events for one in found.buckets]
    titles = [f"{_when(one)}: {words.counted(one.events, 'event')}" for one in found.buckets]
    paths = [_path(name, found, over) for name in ROWS]
    return {
        "stream": stream,
        "title": f"Health of {stream.namespace}/{stream.name}",
        "answer": answer(stream, paths, found, over),
        "span_name": span_name,
        "over": over,
        "paths": paths,
        "checked": found.checked,
        "quiet_since": found.quiet_since,
        "rate": rate(counts, titles, rate_label(counts, over)),
        "rate_told": rate_label(counts, over),
        "first": found.buckets[0].start,
        "middle": found.buckets[len(found.buckets) // 2].start,
        "gaps": said_of(stream, notices.notices_of(stream, "gap", limit=NEWEST)),
        "events": leaves.events_in(stream, limit=NEWEST, newest_first=True),
    }


def answer(stream: StreamView, paths: list[PathHistory], found: History, over: str) -> str:
    """The first line of the page: the worst first."""
    if stream.stopped:
        return f"This stream is stopped ({stream.stopped}): nothing is appended, windowed or signed."
    if found.checked is None:
        return "This stream has not been checked on the schedule yet. The first check comes within a minute."
    off = [one.title.lower() for one in paths if one.state in {"stale", "fail"}]
    if off:
        return f"Off pass at the last check: {words.listed(off)}."
    was_off = [one.title.lower() for one in paths if any(run.state in {"stale", "fail"} for run in one.runs)]
    if was_off:
        return f"No path is off pass now; in {over} {words.listed(was_off)} was for a while."
    return f"No path was off pass in {over}, in {words.counted(sum(one.checks for one in found.buckets), 'check')}."


def _path(name: str, found: History, over: str) -> PathHistory:
    mark = found.marks.get(name)
    title = ROWS[name].title
    runs = tuple(_runs(name, found))
    told = _told(name, found, over)
    cells = [(one.states.get(name, ""), f"{_when(one)}: {_word(one.states.get(name, ''))}") for one in found.buckets]
    return PathHistory(
        path=name,
        title=title,
        state=mark.state if mark else "not_evaluated",
        sentence=mark.sentence if mark else "It has not been checked on the schedule yet.",
        told=told,
        strip=strip(cells, f"{title} over {over}: {told}"),
        runs=runs,
    )


def _runs(name: str, found: History) -> Iterable[Run]:
    for state, grouped in itertools.groupby(found.buckets, key=lambda one: one.states.get(name, "")):
        rows = list(grouped)
        yield Run(rows[0].start, rows[-1].start + found.span.length, state)


def _told(name: str, found: History, over: str) -> str:
    """`pass in 94 of 96 intervals, stale in 2`, of those that were checked."""
    seen = [one.states[name] for one in found.buckets if name in one.states]
    if not seen:
        return f"not checked in {over}"
    unit = words.duration(found.span.length)
    counted = [(state, seen.count(state)) for state in ("pass", "stale", "fail", "not_evaluated") if state in seen]
    told = [f"{_word(state)} in {words.grouped(count)}" for state, count in counted]
    return f"{words.listed(told)} of {words.counted(len(seen), 'checked interval')} of {unit}"


def _when(one: Bucket) -> str:
    return f"from {one.start:%Y-%m-%d %H:%M} UTC"


def _word(state: str) -> str:
    return mark_of(state).word if state else _NONE
