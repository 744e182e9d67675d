"""The scheduler of tasks: Celery's own, which goes by the clock on the wall, made to survive one that jumps.

Guarantees that whatever is scheduled goes on within seconds after the machine's clock was put forwards or back. Celery
remembers when each task ran last: after a year that never was, nothing would be due for a year.
"""

from __future__ import annotations

import time
from typing import Any

from celery.beat import Scheduler

from ledger.services.clock import steady_seconds

JUMP_S = 5.0
"""More than this between the two clocks from one look to the next was no drift."""


class SteadyScheduler(Scheduler):
    """Begins to count anew when the clock on the wall jumps against the steady one."""

    _ahead: float | None = None

    def tick(self, *given: Any, **named: Any) -> float:
        """Run what is due; returns the seconds until the next look."""
        self._follow(time.time() - steady_seconds())
        left: float = super().tick(*given, **named)
        return left

    def _follow(self, ahead: float) -> None:
        before, self._ahead = self._ahead, ahead
        if before is None or abs(ahead - before) <= JUMP_S:
            return
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now()
        self._heap = None  # built anew by the next look
