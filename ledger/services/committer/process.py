"""The committer of this process: two threads, started with the first request, and connections of their own.

Guarantees one committer for each process, also after a fork: it is found by the process' number. The first thread
commits groups of what waits, the second tells the guard; requests wait without a database connection.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from ledger.services.committer.attempts import Attempts
from ledger.services.committer.group_transaction import Group
from ledger.services.committer.items import Item, too_late
from ledger.services.committer.pace import Line
from ledger.services.committer.telling import Word, joined, tell
from ledger.services.committer.wire import Wire, Wires, give_back

MOST_EVENTS: Final = 1_000
"""Events in one group."""
LARGE: Final = 200
"""From so many events on a request is a group of its own, committed by its own thread."""
LARGE_AT_ONCE: Final = 4
WAIT_SECONDS = 20.0
"""How long a request waits to be settled."""

_of_process: dict[int, Committer] = {}


class _Words:
    """What the guard is to be told, by a daemon thread that is started with the first of it."""

    def __init__(self, tell: Callable[[list[Word]], None]) -> None:
        self._tell = tell
        self._waiting: deque[Word] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None

    def put(self, words: Iterable[Word]) -> None:
        """Hand over what one group has to tell."""
        with self._changed:
            self._waiting.extend(words)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="guard", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                taken = list(self._waiting)
                self._waiting.clear()
            self._tell(taken)


class Committer:
    """Group commit for one process."""

    def __init__(self) -> None:
        self._wire, self._guard_wire, self._wires = Wire(), Wire(), Wires(LARGE_AT_ONCE)
        self._items = Line(self._commit, _first_group)
        self._words = _Words(self._tell)

    def keep(self, item: Item) -> None:
        """Commit the item and tell the guard; returns when that is done.

        Raises what the item is refused with, AppendTimeout, CommitUnknown, psycopg.Error.
        """
        give_back()
        wire = self._wires.borrow() if len(item.drafts) >= LARGE else None
        if wire is None:
            self._items.put(item)
        else:
            self._commit_alone(item, wire)
        if not item.wait(WAIT_SECONDS):
            raise too_late(kept=wire is not None or not self._items.withdraw(item))

    def close(self) -> None:
        """Close the connections; the next group opens them again. Only while nothing is under way."""
        self._wire.close()
        self._guard_wire.close()
        self._wires.close()

    def _commit(self, items: list[Item]) -> None:
        Attempts(self._wire, lambda group: self._committed(group, self._wire)).commit(items)

    def _commit_alone(self, item: Item, wire: Wire) -> None:
        try:
            Attempts(wire, lambda group: self._committed(group, wire)).commit([item])
        finally:
            self._wires.give_back(wire)

    def _committed(self, group: Group, wire: Wire) -> None:
        """Words for the guard: one for each stream that grew. Replays alone are told by whoever asked."""
        words: dict[int, Word] = {}
        for item, slots in group.slots.items():
            item.slots = slots
            newest = item.newest()
            if newest is None or newest.leaf is None:
                item.done(None)
                continue
            word = Word(item.stream, newest.index + 1, newest.leaf.leaf_hash, [item], [wire.compared.discard])
            if item.stream.id in words:
                words[item.stream.id].join(word)
            else:
                words[item.stream.id] = word
        self._items.telling(sum(len(word.items) for word in words.values()))
        self._words.put(words.values())

    def _tell(self, words: list[Word]) -> None:
        for word in joined(words):
            tell(word, self._guard_wire)
            self._items.telling(-len(word.items))


def keep(item: Item) -> None:
    """Hand an item to the committer of this process and wait; raises as `Committer.keep`."""
    _committer().keep(item)


def close() -> None:
    """Close the connections of this process' committer, if there is one."""
    held = _of_process.get(os.getpid())
    if held is not None:
        held.close()


def _committer() -> Committer:
    number = os.getpid()
    # Setting a default is atomic: no lock that a fork could leave locked.
    return _of_process.get(number) or _of_process.setdefault(number, Committer())


def _first_group(waiting: deque[Item]) -> int:
    """How many of the first items make a group: up to 1,000 events, and no Idempotency-Key twice."""
    events, seen = 0, set()
    for count, item in enumerate(waiting):
        events += len(item.drafts)
        if count and (events > MOST_EVENTS or (item.key is not None and item.key in seen)):
            return count
        seen.add(item.key)
    return len(waiting)
