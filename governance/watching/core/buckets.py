"""Buckets of time in which samples are kept: quarters of an hour for two days, quarters of a day for a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RANK = ("pass", "not_evaluated", "stale", "fail")
"""From the best to the worst: a bucket shows the worst that was seen in it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A resolution: how long a bucket is, for how long it is kept, and how many a page shows."""

    seconds: int
    kept: timedelta
    shown: int

    @property
    def length(self) -> timedelta:
        """Of one bucket."""
        return timedelta(seconds=self.seconds)

    def start_of(self, moment: datetime) -> datetime:
        """Start (UTC) of the bucket that holds `moment`."""
        past = int((moment - EPOCH).total_seconds())
        return EPOCH + timedelta(seconds=past - past % self.seconds)

    def starts(self, now: datetime) -> list[datetime]:
        """Starts of the buckets that a page made at `now` shows, oldest first; the last one is still running."""
        last = self.start_of(now)
        return [last - self.length * back for back in range(self.shown - 1, -1, -1)]


FINE = Span(900, timedelta(days=2), 96)
COARSE = Span(21_600, timedelta(days=31), 120)
SPANS = (FINE, COARSE)


def worst(first: str | None, second: str) -> str:
    """The worse of two states; what no row of the ranking names counts as the worst."""
    if first is None:
        return second
    return max(first, second, key=lambda state: RANK.index(state) if state in RANK else len(RANK))


def merged(held: Mapping[str, str], seen: Mapping[str, str]) -> dict[str, str]:
    """By path the worst of what a bucket holds and what was seen now."""
    return {**held, **{path: worst(held.get(path), state) for path, state in seen.items()}}
