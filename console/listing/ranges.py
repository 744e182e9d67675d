"""Relative ranges: `since=24h` moves with the clock, until somebody freezes it into fixed times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from console.tables import with_query

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import QueryDict

SINCE = {
    "1h": ("last hour", timedelta(hours=1)),
    "24h": ("last 24 h", timedelta(hours=24)),
    "7d": ("last 7 days", timedelta(days=7)),
    "30d": ("last 30 days", timedelta(days=30)),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One range to choose; `chosen` where it is the one in force, and then its link takes it off."""

    word: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Ranges:
    """The choices, and where the one in force is frozen: the same list between two fixed times."""

    choices: tuple[Choice, ...]
    frozen: str = ""
    start: datetime | None = None


def ranges(query: QueryDict, now: datetime) -> Ranges:
    """Read `since`; an unknown one is none."""
    asked = query.get("since", "")
    choices = tuple(
        Choice(word, with_query(query, **_moving("" if key == asked else key)) or "?", key == asked)
        for key, (word, _) in SINCE.items()
    )
    if asked not in SINCE:
        return Ranges(choices)
    start = (now - SINCE[asked][1]).replace(microsecond=0)
    end = now.replace(microsecond=0) + timedelta(seconds=1)
    fixed = {"recorded_from": _told(start), "recorded_to": _told(end)}
    return Ranges(choices, with_query(query, **{**_moving(""), **fixed}), start)


def _moving(since: str) -> dict[str, str]:
    return {"since": since, "recorded_from": "", "recorded_to": "", "after": "", "format": ""}


def _told(when: datetime) -> str:
    return words.machine_moment(when).removesuffix("Z")
