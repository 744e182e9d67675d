"""Progress of a command on standard error: a bar with rate and time left on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

WIDTH = 30
REDRAW_S = 0.2
TOLD_EVERY_S = 10.0


class Progress:
    """Shows how many of `total` units are through; `clock` counts seconds. Off a terminal a line each tenth or 10 s."""

    def __init__(
        self, total: int, unit: str, *, silent: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._unit, self._silent, self._clock = max(total, 1), unit, silent, clock
        self._begun = self._shown = clock()
        self._first: int | None = None
        self._tenth = -1

    def show(self, done: int) -> None:
        """Tell that `done` of the total are through; what was done before the first call counts for no rate."""
        now = self._clock()
        if self._first is None:
            self._first, self._begun = done, now
        if self._silent or not self._is_due(done, now):
            return
        self._shown, self._tenth = now, 10 * done // self._total
        rate = (done - self._first) / (now - self._begun) if now > self._begun else 0.0
        left = (self._total - done) / rate if rate else None
        sys.stderr.write(self._drawn(done, rate, left) if sys.stderr.isatty() else self._told(done, rate, left))
        sys.stderr.flush()

    def _is_due(self, done: int, now: float) -> bool:
        if done >= self._total:
            return True
        if sys.stderr.isatty():
            return now - self._shown >= REDRAW_S or self._tenth < 0
        return 10 * done // self._total != self._tenth or now - self._shown >= TOLD_EVERY_S

    def _told(self, done: int, rate: float, left: float | None) -> str:
        told = {
            "done": done, "total": self._total, "unit": self._unit, "rate": round(rate, 1),
            "remaining_s": None if left is None else round(left, 1),
        }  # fmt: skip
        return json.dumps(told) + "\n"

    def _drawn(self, done: int, rate: float, left: float | None) -> str:
        bar = "#" * min(WIDTH, WIDTH * done // self._total)
        line = f"[{bar:<{WIDTH}}] {done:,} of {self._total:,} {self._unit}"
        pace = f", {rate:,.0f}/s, {duration(left)} left" if left is not None and done < self._total else ""
        return f"\r\x1b[K{line}{pace}" + ("" if done < self._total else "\n")


def duration(seconds: float) -> str:
    """Seconds in short words: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


MINUTE, HOUR = 60, 3600
