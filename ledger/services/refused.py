"""Appends that we refused by our own fault (503, 507): counted by stream and minute, for the gap leaves to tell.

While the database is away they are counted in memory and entered when it is back; what a process counted when it is
killed is lost. Who called is not asked then, so the count is of calls, not of events.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import psycopg
from django.db import Error as DatabaseError
from django.db import connection

log = logging.getLogger(__name__)

AGAIN_S: Final = 10.0
MAX_LINES: Final = 4_096
Line = tuple[str, str, str, datetime]
_ENTER = """
INSERT INTO ledger_refusedappend AS held (stream_id, minute, code, count)
SELECT id, %s, %s, %s FROM ledger_stream WHERE namespace = %s AND name = %s
ON CONFLICT (stream_id, minute, code) DO UPDATE SET count = held.count + excluded.count
"""
_AWAY = (DatabaseError, psycopg.Error)


@dataclass
class Refused:
    """What this process could not enter yet."""

    counts: Counter[Line] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    timer: threading.Timer | None = None

    def add(self, namespace: str, name: str, code: str, when: datetime) -> None:
        """Count one call to a stream that may not exist, and enter what can be entered."""
        line = (namespace, name, code, when.astimezone(UTC).replace(second=0, microsecond=0))
        with self.lock:
            if line in self.counts or len(self.counts) < MAX_LINES:
                self.counts[line] += 1
        self.enter()

    def enter(self) -> int:
        """Enter what is counted; what the database does not take is tried again. Returns how many calls."""
        with self.lock:
            lines = dict(self.counts)
            self.counts.clear()
        entered = 0
        try:
            for line, count in sorted(lines.items()):
                _enter(line, count)
                del lines[line]
                entered += count
        except _AWAY as error:
            log.warning("refused appends wait for the database: %s", error)
        if lines:
            self._keep(lines)
        return entered

    def _keep(self, lines: dict[Line, int]) -> None:
        with self.lock:
            self.counts.update(lines)
            if self.timer is None:
                self.timer = threading.Timer(AGAIN_S, self._again)
                self.timer.daemon = True
                self.timer.start()

    def _again(self) -> None:
        with self.lock:
            self.timer = None
        try:
            self.enter()
        finally:
            connection.close()


def _enter(line: Line, count: int) -> None:
    namespace, name, code, minute = line
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, (minute, code, count, namespace, name))


refused = Refused()
