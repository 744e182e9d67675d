"""Denials of callers nobody knows while the database is away: summed in memory, one record of the spool per minute.

Guarantees that a flood costs one write a minute, however long it lasts. What a process has summed when it is killed is
lost, at most a minute of it; an orderly end writes it down.
"""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ledger.core.types import JSON
from ledger.services import denials, spool
from ledger.services.system_event import SystemEvent

PERIOD_S = 60.0
MAX_LINES = 256
_OTHERS = ("others", "", "others")


@dataclass
class Strangers:
    """The sum of this process since `began`; a timer ends the minute."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    began: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)
    timer: threading.Timer | None = None

    def add(self, code: str, door: str, reason: str = "") -> None:
        """Count one denial; the first of a minute starts the timer that spools the sum."""
        line = (code, reason, door)
        with self.lock:
            if not self.counts:
                self._begin()
            self.counts[line if line in self.counts or len(self.counts) < MAX_LINES else _OTHERS] += 1

    def spool(self) -> None:
        """Write the sum down, if there is one, and begin anew."""
        with self.lock:
            counts, began = sorted(self.counts.items()), self.began
            self.counts.clear()
            if self.timer is not None:
                self.timer.cancel()
        if counts:
            told: list[JSON] = [denials.counted(code, why, door, count) for (code, why, door), count in counts]
            payload: dict[str, JSON] = {"minute": began, "counts": told}
            spool.note(SystemEvent.REQUESTS_DENIED, payload, room=spool.STRANGERS_BYTES)

    def _begin(self) -> None:
        self.began = datetime.now(tz=UTC).isoformat()
        self.timer = threading.Timer(PERIOD_S, self.spool)
        self.timer.daemon = True
        self.timer.start()


strangers = Strangers()
atexit.register(strangers.spool)
