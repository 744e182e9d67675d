"""Arrays as PostgreSQL takes them in binary (array_send), joined in bulk.

psycopg packs an array element by element in Python, which costs more than the insert; text arrays cost eight times
as much again. Register the classes on a cursor (`prepared`), then pass them as `%b` parameters.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import psycopg
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap, Dumper, PyFormat
from psycopg.pq import Format

from ledger.services.raw import RawCursor

_HEADER: Final = struct.Struct(">iiIii")
_LENGTHS: Final = [struct.pack(">i", length) for length in range(4096)]
_NULL: Final = struct.pack(">i", -1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_BYTEA, _INT8, _TEXT, _TIMESTAMPTZ, _UUID = 17, 20, 25, 1184, 2950


class Array(bytes):
    """A packed array; its subclasses name the type of the elements."""

    element: ClassVar[int]
    array: ClassVar[int]


class ByteaArray(Array):
    """bytea[]."""

    element, array = _BYTEA, 1001


class BigintArray(Array):
    """bigint[]."""

    element, array = _INT8, 1016


class TextArray(Array):
    """text[]."""

    element, array = _TEXT, 1009


class TimeArray(Array):
    """timestamptz[]."""

    element, array = _TIMESTAMPTZ, 1185


class UuidArray(Array):
    """uuid[]."""

    element, array = _UUID, 2951


def _dumper(kind: type[Array]) -> type[Dumper]:
    class Packed(Dumper):
        format = Format.BINARY

        def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
            super().__init__(cls, context)
            # Of the instance alone: registered by its number, it would be taken for other classes' arrays too.
            self.oid = kind.array

        def dump(self, obj: Any) -> bytes:
            return bytes(obj)

    return Packed


_DUMPERS: Final = {kind: _dumper(kind) for kind in (ByteaArray, BigintArray, TextArray, TimeArray, UuidArray)}


def prepared(cursor: RawCursor) -> RawCursor:
    """The same cursor, which takes packed arrays; most do already, except on a connection of an older template."""
    if cursor.adapters.get_dumper(ByteaArray, PyFormat.BINARY) is not _DUMPERS[ByteaArray]:
        _register(cursor.adapters)
    return cursor


def _register(adapters: AdaptersMap) -> None:
    for kind, dumper in _DUMPERS.items():
        adapters.register_dumper(kind, dumper)


_register(psycopg.adapters)


def byteas(items: Sequence[bytes]) -> ByteaArray:
    """bytea[] of items of any length."""
    return ByteaArray(_array(ByteaArray, len(items), _sized(items)))


def digests(items: Sequence[bytes]) -> ByteaArray:
    """bytea[] of items that all have 32 bytes, as hashes and salts have."""
    return ByteaArray(_array(ByteaArray, len(items), _LENGTHS[32].join((b"", *items))))


def uuids(items: Sequence[bytes]) -> UuidArray:
    """uuid[] of their 16 bytes each."""
    return UuidArray(_array(UuidArray, len(items), _LENGTHS[16].join((b"", *items))))


def bigints(items: Sequence[int]) -> BigintArray:
    """bigint[]."""
    return BigintArray(_array(BigintArray, len(items), b"".join([struct.pack(">iq", 8, item) for item in items])))


def texts(items: Sequence[str | None]) -> TextArray:
    """text[]; None becomes NULL."""
    return TextArray(_array(TextArray, len(items), _sized([None if one is None else one.encode() for one in items])))


def times(items: Sequence[datetime | None]) -> TimeArray:
    """timestamptz[]; None becomes NULL."""
    return TimeArray(_array(TimeArray, len(items), b"".join([_NULL if one is None else _time(one) for one in items])))


def _array(kind: type[Array], count: int, body: bytes) -> bytes:
    return _HEADER.pack(1, 1, kind.element, count, 1) + body


def _sized(items: Iterable[bytes | None]) -> bytes:
    parts: list[bytes] = []
    for item in items:
        if item is None:
            parts.append(_NULL)
        else:
            size = len(item)
            parts += (_LENGTHS[size] if size < len(_LENGTHS) else struct.pack(">i", size), item)
    return b"".join(parts)


def _time(moment: datetime) -> bytes:
    since = moment - _EPOCH
    return struct.pack(">iq", 8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
