"""Connections of the committer's own: autocommit, prepared statements, not Django's and not its pool.

Guarantees that every stream is compared with the head guard anew over each new connection, and that a connection
to a database that is no longer the configured one is never used.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import Any, Final

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from ledger.selectors.streams import StreamView
from ledger.services.raw import RawCursor
from ledger.services.recovery import ensure_compared

_NAMES: Final = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
_DJANGOS: Final = {"pool", "isolation_level", "assume_role", "server_side_binding", "prepare_threshold"}
LOCK_SECONDS: Final = 8
"""How long a group waits for a stream that another writer has locked."""
# A process that is stopped while it holds a stream's lock loses the lock, not the stream its other writers.
_SESSION: Final = (
    f"-c timezone=UTC -c synchronous_commit=on -c lock_timeout={LOCK_SECONDS}s"
    " -c idle_in_transaction_session_timeout=15s"
)


def _is_news(record: logging.LogRecord) -> bool:
    """A pipeline that ends in an error which is raised anyway is none: repeated events do so every day."""
    return "error ignored terminating" not in str(record.msg)


logging.getLogger("psycopg").addFilter(_is_news)


class Wire:
    """One connection at a time, opened when it is needed; used by one thread at a time."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._opened_for: dict[str, str] = {}
        self.compared: set[int] = set()

    def connection(self) -> psycopg.Connection[Any]:
        """The open connection, made anew where there is none; raises psycopg.OperationalError."""
        wanted = _wanted()
        held = self._connection
        if held is not None and (held.closed or wanted != self._opened_for):
            self.close()
            held = None
        return held or self._open(wanted)

    def cursor(self) -> RawCursor:
        """A fresh cursor on it."""
        return self.connection().cursor()

    def compare(self, stream: StreamView) -> None:
        """Let the head guard say whether the stream may be written over this connection; raises its refusals.

        The comparison reads over Django's connection of this thread, which is left as it was: open or not.
        """
        if stream.id in self.compared:
            return
        djangos = connections["default"]
        was_there = djangos.connection is not None
        try:
            ensure_compared(stream, self.compared)
        finally:
            if not was_there:
                djangos.close()

    @property
    def is_lost(self) -> bool:
        """Whether the connection broke, as far as this process has noticed."""
        return self._connection is not None and self._connection.closed

    def roll_back(self) -> None:
        """End a transaction that is open, if one is; a connection that cannot is closed."""
        held = self._connection
        if held is None or held.closed or held.info.transaction_status is TransactionStatus.IDLE:
            return
        try:
            held.execute("ROLLBACK")
        except psycopg.Error:
            self.close()

    def close(self) -> None:
        """Let go of the connection, whatever state it is in."""
        held, self._connection = self._connection, None
        # A set of its own for each connection: a thread that still holds the old one changes nothing here.
        self.compared = set()
        if held is not None:
            held.close()

    def _open(self, wanted: dict[str, str]) -> psycopg.Connection[Any]:
        told = wanted | {"options": f"{wanted.get('options', '')} {_SESSION}".strip()}
        made = psycopg.connect(conninfo=make_conninfo(**told), autocommit=True, prepare_threshold=0)
        self._connection, self._opened_for = made, wanted
        return made


class Wires:
    """A few connections for those who append on their own; borrowed, so that at most `most` exist."""

    def __init__(self, most: int) -> None:
        self._idle: list[Wire] = [Wire() for _ in range(most)]
        self._lock, self._all = Lock(), tuple(self._idle)

    def borrow(self) -> Wire | None:
        """One that nobody uses, the last used one first; None where all are taken."""
        with self._lock:
            return self._idle.pop() if self._idle else None

    def give_back(self, wire: Wire) -> None:
        """Let the next one use it."""
        with self._lock:
            self._idle.append(wire)

    def close(self) -> None:
        """Close those that nobody uses."""
        with self._lock:
            for wire in self._idle:
                wire.close()


def give_back() -> None:
    """Give Django's connection of this thread back to its pool; one that is not pooled is the thread's own."""
    held = connections["default"]
    if held.settings_dict["OPTIONS"].get("pool") and not held.in_atomic_block:
        held.close()


def _wanted() -> dict[str, str]:
    """What libpq is told: where the database is, and its options (TLS, time-outs), without Django's own."""
    given = connections["default"].settings_dict
    named = {key: str(given[name]) for name, key in _NAMES.items() if given.get(name)}
    return named | {key: str(value) for key, value in given["OPTIONS"].items() if key not in _DJANGOS}
