"""Committing a group whatever happens: look-ups after a repeated event, one by one after a fault, anew after a break.

Guarantees that every item is settled once: committed, refused by its own fault, or told that nobody knows. A commit
whose connection broke is read again under the stream's lock by its batch, never guessed. Design: durability, A2.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
from django.db import connections
from psycopg.errors import UniqueViolation

from ledger.errors import CommitUnknown, IntegrityLost
from ledger.services.committer.group_transaction import Group
from ledger.services.committer.items import Item
from ledger.services.committer.wire import Wire
from ledger.services.stop import stop

log = logging.getLogger(__name__)

ASK_SECONDS: Final = 8.0
"""How long a database that went away during a COMMIT is asked what became of it."""
_PAUSE: Final = 0.1
_ASK: Final = "SELECT batch FROM ledger_leaf WHERE stream_id = %s AND index = %s"
_LOCK: Final = "SELECT 1 FROM ledger_streamhead WHERE stream_id = %s FOR UPDATE"

Committed = Callable[[Group], None]
"""Takes a committed group: its items are settled by telling the guard."""


class Attempts:
    """Commits groups over one wire; used by one thread at a time."""

    def __init__(self, wire: Wire, committed: Committed) -> None:
        self.wire, self._committed = wire, committed

    def commit(self, items: Sequence[Item]) -> None:
        """Settle all of them, or hand them on as committed; never raises."""
        try:
            self._commit(self._compared(items))
        except BaseException as error:
            log.exception("a group of %s requests failed", len(items))
            _fail([item for item in items if not item.settled and not item.slots], error)

    def _compared(self, items: Sequence[Item]) -> list[Item]:
        """Those whose stream may be written over this connection; the others fail with what refuses it."""
        refused: dict[int, BaseException] = {}
        streams = {item.stream.id: item.stream for item in items}
        for stream in streams.values():
            try:
                self.wire.connection()
                self.wire.compare(stream)
            except Exception as error:  # noqa: BLE001 - a refusal, or a database that is away: theirs alone
                refused[stream.id] = error
        for item in items:
            if item.stream.id in refused:
                item.fail(refused[item.stream.id])
        return [item for item in items if item.stream.id not in refused]

    def _commit(self, items: Sequence[Item], *, look_up: bool = False, again: bool = False) -> None:
        if not items:
            return
        group = Group(items, look_up)
        try:
            group.run(self.wire)
        except UniqueViolation as error:
            self.wire.roll_back()
            self._repeated(items, error, looked_up=look_up)
        except psycopg.Error as error:
            self.wire.roll_back()
            if self.wire.is_lost:
                self._broken(group, error, again=again)
            else:
                self._alone(items, error, look_up=look_up)
        except BaseException as error:
            self.wire.roll_back()
            if not isinstance(error, Exception):
                raise
            self._alone(items, error, look_up=look_up)
        else:
            self._hand_on(group)

    def _hand_on(self, group: Group) -> None:
        for item, error in group.refused.items():
            item.fail(error)
        self._committed(group)

    def _repeated(self, items: Sequence[Item], error: UniqueViolation, *, looked_up: bool) -> None:
        """An event that is there already: look first. There still, though looked for: one by one, then a stop."""
        if not looked_up:
            self._commit(items, look_up=True)
        elif len(items) > 1:
            self._alone(items, error, look_up=True)
        else:
            lost = IntegrityLost("A leaf stands where the head says the log ends", why=str(error.diag.constraint_name))
            stop(items[0].stream.id, lost)
            connections["default"].close()
            items[0].fail(lost)

    def _alone(self, items: Sequence[Item], error: Exception, *, look_up: bool) -> None:
        """One of them is at fault: each by itself, so that it fails alone."""
        if len(items) == 1:
            items[0].fail(error)
            return
        for item in items:
            self._commit([item], look_up=look_up)

    def _broken(self, group: Group, error: psycopg.Error, *, again: bool) -> None:
        """The connection is gone. Before the COMMIT was sent nothing is there; after it the database is asked."""
        try:
            kept = group.sent and group.witness() is not None and self._kept(group)
        except psycopg.Error as still:
            log.warning("nobody knows whether a group of %s requests was committed: %s", len(group.items), still)
            _fail(group.items, CommitUnknown("The connection broke during the commit", why=str(error).strip()))
            return
        if kept:
            self._hand_on(group)
        elif again:
            _fail(group.items, error)
        else:
            self._commit(self._compared(group.items), again=True)

    def _kept(self, group: Group) -> bool:
        """Read again under the stream's lock, which the lost transaction holds until it has ended either way.

        Raises psycopg.Error where the database does not answer in time.
        """
        stream_id, index, batch = group.witness() or (0, 0, b"")
        end = time.monotonic() + ASK_SECONDS
        while True:
            try:
                return self._ask(stream_id, index) == batch
            except psycopg.Error:
                self.wire.close()
                if time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)

    def _ask(self, stream_id: int, index: int) -> bytes | None:
        connection = self.wire.connection()
        with connection.transaction():
            connection.execute(_LOCK, [stream_id])
            row = connection.execute(_ASK, [stream_id, index]).fetchone()
        return None if row is None else row[0].bytes


def _fail(items: Sequence[Item], error: BaseException) -> None:
    for item in items:
        item.fail(error)
