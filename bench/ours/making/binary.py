"""PostgreSQL's binary COPY format, written by hand: ten million rows have to be quick."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import psycopg

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
NULL = struct.pack(">i", -1)
_eight = struct.Struct(">iq").pack
_four = struct.Struct(">i").pack


def whole(number: int) -> bytes:
    """A bigint."""
    return _eight(8, number)


def data(value: bytes) -> bytes:
    """bytea, text, uuid: the bytes themselves."""
    return _four(len(value)) + value


def moment(value: datetime) -> bytes:
    """A timestamptz."""
    return whole((value - _EPOCH) // (datetime.resolution))


class Table:
    """One COPY into a table over a connection of its own; rows are the joined fields."""

    def __init__(self, url: str, name: str, columns: str) -> None:
        self._connection: psycopg.Connection[Any] = psycopg.connect(url)
        self._connection.execute("SET synchronous_commit = off")
        self._head = struct.pack(">h", len(columns.split(",")))
        self._manager = self._connection.cursor().copy(f"COPY {name} ({columns}) FROM STDIN (FORMAT binary)")

    def __enter__(self) -> Self:
        self._copy = self._manager.__enter__()
        self._copy.write(_HEADER)
        return self

    def rows(self, rows: Iterable[bytes]) -> None:
        """Write rows."""
        head = self._head
        self._copy.write(b"".join([head + row for row in rows]))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._copy.write(struct.pack(">h", -1))
        self._manager.__exit__(kind, error, trace)
        if kind is None:
            self._connection.commit()
        self._connection.close()
