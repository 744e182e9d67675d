"""What of the platform's own work needs a hand, and from when on somebody is told. Time is an argument everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class AlarmKind(StrEnum):
    """What can happen to whoever runs the platform."""

    STOPPED = "stopped"
    JOB = "job"
    GUARD = "guard"
    SIGNER = "signer"
    RECOVERY = "recovery"
    FREEZE = "freeze"
    DRIFT = "drift"
    LAPSE = "lapse"


PATIENCE: Final = {
    AlarmKind.STOPPED: timedelta(0),
    AlarmKind.JOB: timedelta(0),
    AlarmKind.GUARD: timedelta(seconds=60),
    AlarmKind.SIGNER: timedelta(0),
    AlarmKind.RECOVERY: timedelta(0),
    AlarmKind.FREEZE: timedelta(0),
    AlarmKind.DRIFT: timedelta(0),
    AlarmKind.LAPSE: timedelta(0),
}
"""A guard that restarts is away for a moment; everything else was decided by somebody, or does not end by itself."""
OF_GOVERNANCE: Final = frozenset({AlarmKind.RECOVERY, AlarmKind.FREEZE, AlarmKind.DRIFT, AlarmKind.LAPSE})
"""Told, and mailed, to everybody who decides on changes, not to operators alone."""
EACH: Final = 4
"""So many of a kind are told one by one in one look; the rest in one sentence."""
MORE: Final = {
    AlarmKind.STOPPED: ("more streams are stopped", "/streams/?state=stopped"),
    AlarmKind.JOB: ("more jobs failed", "/jobs/?state=failed"),
    AlarmKind.GUARD: ("more refusals of the head guard", "/help/durability/"),
    AlarmKind.SIGNER: ("more pauses of the signer", "/"),
    AlarmKind.RECOVERY: ("more rules that nobody can meet", "/policy/"),
    AlarmKind.FREEZE: ("more freezes that last", "/incidents/"),
    AlarmKind.DRIFT: ("more files of EvidenceOS that are not as they were written", "/evidenceos/"),
    AlarmKind.LAPSE: ("more contracts and records of EvidenceOS that lapse", "/evidenceos/"),
}


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing as it was seen: its name, words, the page that says more, and whether it lasts until it is mended."""

    kind: AlarmKind
    key: str
    what: str
    why: str
    page: str
    lasts: bool = True


def is_due(kind: AlarmKind, since: datetime, now: datetime) -> bool:
    """Whether what was first seen at `since` is told at `now`."""
    return now - since >= PATIENCE[kind]


def over(kinds: Iterable[AlarmKind], kind: AlarmKind, key: str, seen: Iterable[Concern]) -> bool:
    """Whether an open alarm has ended: its kind was looked at, and it was not among what was seen."""
    return kind in set(kinds) and all(one.key != key for one in seen)
