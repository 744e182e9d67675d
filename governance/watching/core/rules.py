"""When a stream is in trouble for somebody: paths off pass for N minutes, or no event for N minutes.

Off pass is stale or fail. A path that was never evaluated is neither good nor bad: it counts only for who asked for
that. Time is an argument everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATE = frozenset({"stale", "fail"})


class Kind(StrEnum):
    """What is watched for."""

    PATH_OFF = "path_off"
    SILENT = "silent"
    PLATFORM = "platform"


OF_STREAMS = (Kind.PATH_OFF, Kind.SILENT)
"""Kinds that are watched for stream by stream; PLATFORM says that its operators' alarms are mailed too."""


@dataclass(frozen=True, slots=True)
class PathMark:
    """A path as it was seen last: since when it is stale or fails, and since when it is anything but pass."""

    state: str
    late: datetime | None
    off: datetime | None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """A stream as it was seen last; `quiet_since` is when its newest event (or else the stream) was recorded."""

    marks: Mapping[str, PathMark]
    quiet_since: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody asked for."""

    kind: Kind
    patience: timedelta
    counts_not_evaluated: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an episode holds: since when, and in words what was seen."""

    since: datetime
    told: str


def remark(before: PathMark | None, state: str, sentence: str, now: datetime) -> PathMark:
    """The mark of a path that is in `state` at `now`: what goes on keeps its beginning."""
    late = (before.late if before else None) or now if state in LATE else None
    off = (before.off if before else None) or now if state != "pass" else None
    return PathMark(state, late, off, sentence)


def trouble(rule: Rule, seen: Observed, now: datetime) -> Trouble | None:
    """The trouble that `rule` names at `now`, once it has lasted as long as its patience; else None."""
    found = _silence(seen) if rule.kind is Kind.SILENT else _off_pass(rule, seen, now)
    return found if found is not None and now - found.since >= rule.patience else None


def _silence(seen: Observed) -> Trouble:
    return Trouble(seen.quiet_since, "No event was recorded")


def _off_pass(rule: Rule, seen: Observed, now: datetime) -> Trouble | None:
    """Each path is measured alone: two short troubles one after the other are no long one."""
    since = {path: mark.off if rule.counts_not_evaluated else mark.late for path, mark in seen.marks.items()}
    lasting = {path: start for path, start in since.items() if start is not None and now - start >= rule.patience}
    if not lasting:
        return None
    told = "; ".join(f"{path} {_word(seen.marks[path].state)}: {seen.marks[path].sentence}" for path in lasting)
    return Trouble(min(lasting.values()), told)


def _word(state: str) -> str:
    return {"stale": "is stale", "fail": "fails", "not_evaluated": "is not evaluated"}.get(state, f"is {state}")
