"""The clock guard: the database's clock must not run away from what has been recorded, nor from real time.

`recorded` is the database's clock under the stream lock and never decreases. More than five minutes between
the two, a database clock that advances five minutes more than this machine's steady clock, or one that is five
minutes ahead of this machine's own, stops appends (503 `clock`). A process that starts after the jump goes by the
mark that the others left (`clock_mark`), and without one by this machine's own clock: a time that was recorded cannot
be taken back, and nothing earlier may follow it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from django.conf import settings

from ledger.errors import ClockAhead
from ledger.services.clock_mark import EVERY_S, read_mark, write_mark

TOLERANCE = timedelta(minutes=5)


def recorded_at(clock: datetime, last_recorded: datetime) -> datetime:
    """The `recorded` time of leaves appended now; raises ClockAhead when the clock fell back too far."""
    if last_recorded - clock > TOLERANCE:
        raise behind(clock, last_recorded)
    return max(clock, last_recorded)


def behind(clock: datetime, last_recorded: datetime) -> ClockAhead:
    """The refusal of whatever would have to follow a leaf that was recorded later than now."""
    return ClockAhead(
        "The database clock is more than 5 minutes behind the last leaf",
        why=f"{clock} after {last_recorded}",
        next_step="Correct the database server's clock. If it is right, the last leaf was recorded while it was ahead: "
        "wait until then, or continue the stream (stream_continue).",
    )


def check_machine(clock: datetime, machine: datetime) -> None:
    """Raises ClockAhead where the database's clock is too far ahead of this machine's."""
    if clock - machine > TOLERANCE:
        raise ClockAhead(
            "The database clock is more than 5 minutes ahead of this machine's", why=f"{clock} at {machine}"
        )


def is_right(clock: datetime) -> bool:
    """Whether the database's clock, as it was just read, is one that leaves would be recorded by."""
    try:
        check_machine(clock, datetime.now(UTC))
        watch.check(clock, steady_seconds())
    except ClockAhead:
        return False
    return True


class SteadyWatch:
    """Compares the advance of a wall clock with a steady one; slow correction (NTP) is let through.

    `marked_at` says in which file processes share what they go by; '' for none.
    """

    def __init__(self, marked_at: Callable[[], str] = str) -> None:
        self._reference: tuple[datetime, float] | None = None
        self._lock = Lock()
        self._marked_at = marked_at
        self._marked_s: float | None = None

    def check(self, clock: datetime, steady_s: float) -> None:
        """Raises ClockAhead when `clock` advanced over 5 minutes more than `steady_s` (seconds) since the
        last check.
        """
        with self._lock:
            expected = self._expected(clock, steady_s)
            if clock - expected > TOLERANCE:
                raise ClockAhead("The database clock jumped ahead", why=f"{clock}, expected about {expected}")
            if expected - clock <= TOLERANCE:
                # A clock that fell back far is not followed: its correction would look like a jump.
                self._reference = (clock, steady_s)
                self._mark(clock, steady_s)

    def _expected(self, clock: datetime, steady_s: float) -> datetime:
        if self._reference is None and (path := self._marked_at()):
            self._reference = read_mark(Path(path))
        if self._reference is None:
            return clock
        return self._reference[0] + timedelta(seconds=steady_s - self._reference[1])

    def _mark(self, clock: datetime, steady_s: float) -> None:
        path = self._marked_at()
        if path and (self._marked_s is None or steady_s - self._marked_s > EVERY_S):
            self._marked_s = steady_s
            write_mark(Path(path), clock, steady_s)


watch = SteadyWatch(lambda: str(settings.COUNTERSIGN_CLOCK_MARK))


def steady_seconds() -> float:
    """A clock that never jumps and counts the time asleep, where the system has one."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(kind)
