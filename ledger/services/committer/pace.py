"""When the next group begins: at once, or a moment later, so that it is not a group of one.

After a commit everybody comes back within a moment, one after the other. A group that begins with the first of them
makes all others wait for a whole transaction. So it waits for as many as there were, a quarter of a transaction at
most, and while the guard is told of as many as wait it lets them come back first.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Lock, Thread
from typing import Final

from ledger.services.committer.items import Item

SHARE: Final = 0.25
"""Of the time that a transaction took lately: the longest wait for those who are expected back."""
LONGEST: Final = 0.02
"""Seconds that a group waits for the guard at most."""
_REMEMBERED: Final = 0.2


class Pace:
    """What is expected: how many came last time, how long a transaction takes, how many the guard is told of."""

    def __init__(self) -> None:
        self.last = self.telling = 0
        self.seconds = 0.0

    def ended(self, count: int, seconds: float) -> None:
        """A group of `count` requests took so long."""
        self.last = count
        self.seconds += (seconds - self.seconds) * _REMEMBERED

    def patience(self, waiting: int) -> float:
        """Seconds from the first arrival on that `waiting` requests may wait for more; 0 for no wait."""
        if waiting <= self.telling:
            return LONGEST
        return min(LONGEST, self.seconds * SHARE) if waiting < self.last else 0.0


class Line:
    """Items in the order of their coming, taken in groups by one daemon thread that starts with the first."""

    def __init__(self, commit: Callable[[list[Item]], None], group: Callable[[deque[Item]], int]) -> None:
        self._commit, self._group, self.pace = commit, group, Pace()
        self._waiting: deque[Item] = deque()
        self._changed = Condition(Lock())
        self._thread: Thread | None = None

    def put(self, item: Item) -> None:
        """Join the end."""
        with self._changed:
            self._waiting.append(item)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def withdraw(self, item: Item) -> bool:
        """Leave again; False for one whose turn has come."""
        with self._changed:
            try:
                self._waiting.remove(item)
            except ValueError:
                return False
            return True

    def telling(self, change: int) -> None:
        """The guard is being told of `change` more requests, or has been told (below 0)."""
        with self._changed:
            self.pace.telling += change
            self._changed.notify()

    def _run(self) -> None:
        while True:
            items = self._taken()
            began = time.monotonic()
            self._commit(items)
            self.pace.ended(len(items), time.monotonic() - began)

    def _taken(self) -> list[Item]:
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            first = time.monotonic()
            while (left := first + self.pace.patience(len(self._waiting)) - time.monotonic()) > 0:
                self._changed.wait(left)
            return [self._waiting.popleft() for _ in range(self._group(self._waiting))]
