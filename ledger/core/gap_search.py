"""Finding gaps at the source: silence against a declared rhythm, and numbers skipped in the sequence of a source.

Pure: what is known so far and the next events go in, gaps and what is known then come out. Times are the log's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.core.gap import Gap
from ledger.core.times import format_time


@dataclass(frozen=True, slots=True)
class Seen:
    """One event: `source` is a keyed hash and `number` its `sequence`, None where it has none; `blind` where its
    attributes were erased, so that nobody can say which number it had.
    """

    index: int
    recorded: datetime
    source: bytes | None = None
    number: int | None = None
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """The newest event (None: none since the declaration) and its time; `told` if the silence behind it was told."""

    index: int | None
    recorded: datetime
    told: bool = False


def silences(last: Last, events: Iterable[Seen], every_s: int | None) -> tuple[list[Gap], Last]:
    """Gaps between these events, in the order of the log, that last longer than `every_s` seconds."""
    found: list[Gap] = []
    for event in events:
        missed = _missed(last.recorded, event.recorded, every_s)
        if missed and not last.told:
            found.append(_silence(last, event.recorded, event.index, missed))
        last = Last(event.index, event.recorded)
    return found, last


def open_silence(last: Last, now: datetime, every_s: int | None) -> tuple[list[Gap], Last]:
    """The silence that goes on now, told once; its end is the next event leaf's own."""
    missed = _missed(last.recorded, now, every_s)
    if not missed or last.told:
        return [], last
    return [_silence(last, None, None, missed)], Last(last.index, last.recorded, told=True)


def skips(
    known: Mapping[bytes, tuple[int, int]], events: Sequence[Seen]
) -> tuple[list[Gap], dict[bytes, tuple[int, int]]]:
    """Numbers that no event of a source carries; `known` is the newest number of each source and its event.

    Numbers may come late within `events`; a number at or below the newest is late too and changes nothing. A blind
    event could have been any number of any source, so behind it every source begins anew.
    """
    newest, found = dict(known), list[Gap]()
    part: list[Seen] = []
    for event in events:
        if event.blind:
            found += _skipped(newest, part)
            newest, part = {}, []
        elif event.source is not None and event.number is not None:
            part.append(event)
    return found + _skipped(newest, part), newest


def _skipped(newest: dict[bytes, tuple[int, int]], events: Iterable[Seen]) -> list[Gap]:
    found: list[Gap] = []
    for event in sorted(events, key=lambda one: (one.number or 0, one.index)):
        source, number = event.source or b"", event.number or 0
        before = newest.get(source)
        if before is not None and number <= before[0]:
            continue
        if before is not None and number > before[0] + 1:
            found.append(_skip(before, number, event.index))
        newest[source] = (number, event.index)
    return found


def _skip(before: tuple[int, int], number: int, index: int) -> Gap:
    after, following = sorted((before[1], index))
    count = number - before[0] - 1
    return Gap("sequence", str(before[0] + 1), str(number - 1), count, after, following)


def _missed(start: datetime, end: datetime, every_s: int | None) -> int:
    """How many events the rhythm expected between two times and did not get; 0 within it."""
    if every_s is None:
        return 0
    lasted = (end - start).total_seconds()
    return int(lasted // every_s) if lasted > every_s else 0


def _silence(last: Last, end: datetime | None, before: int | None, missed: int) -> Gap:
    told = None if end is None else format_time(end)
    return Gap("silence", format_time(last.recorded), told, missed, last.index, before)
