"""Checkers for the fields of a leaf: each takes a JSON value and raises LeafSchema, or returns nothing.

A leaf's schema is closed: a table of field names and these checkers, with nothing optional unless
`nullable` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from ledger.core.keys import decode_base64
from ledger.core.times import parse_time
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

Check: TypeAlias = Callable[[JSON], None]
Schema: TypeAlias = Mapping[str, Check]

MAX_INDEX = 2**53 - 1
_HEX64 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def index(value: JSON) -> None:
    """A whole number from 0 to 2^53-1 (bool is not a number)."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INDEX:
        raise LeafSchema("A whole number from 0 to 2^53-1 is expected", why=repr(value))


def hex_hash(value: JSON) -> None:
    """64 lowercase hex digits."""
    if not isinstance(value, str) or _HEX64.fullmatch(value) is None:
        raise LeafSchema("A hash must be 64 lowercase hex digits", why=repr(value)[:80])


def moment(value: JSON) -> None:
    """A time in the spelling of `ledger.core.times`."""
    if not isinstance(value, str):
        raise LeafSchema("A time is expected", why=repr(value)[:80])
    parse_time(value)


def text(limit: int, *, least: int = 1) -> Check:
    """A string of `least` to `limit` bytes in UTF-8."""

    def check(value: JSON) -> None:
        if not isinstance(value, str) or not least <= len(value.encode("utf-8", "surrogatepass")) <= limit:
            raise LeafSchema(f"A string of {least} to {limit} bytes is expected", why=repr(value)[:80])

    return check


def one_of(*words: str) -> Check:
    """One of the given words."""

    def check(value: JSON) -> None:
        if value not in words:
            raise LeafSchema(f"One of {', '.join(words)} is expected", why=repr(value)[:80])

    return check


def base64_of(size: int | None = None) -> Check:
    """Strict base64, of `size` bytes where given."""

    def check(value: JSON) -> None:
        decode_base64(value, size)

    return check


def boolean(value: JSON) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise LeafSchema("True or false is expected", why=repr(value)[:80])


def number(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: JSON) -> None:
        index(value)
        if isinstance(value, int) and not least <= value <= most:
            raise LeafSchema(f"A whole number from {least:,} to {most:,} is expected", why=str(value))

    return check


def distinct(*words: str) -> Check:
    """A list of one or more of the given words, none twice."""
    inner = list_of(one_of(*words), least=1, most=len(words))

    def check(value: JSON) -> None:
        inner(value)
        if isinstance(value, list) and len(set(map(str, value))) != len(value):
            raise LeafSchema("Nothing is named twice", why=repr(value)[:80])

    return check


def nullable(inner: Check) -> Check:
    """What `inner` takes, or null."""

    def check(value: JSON) -> None:
        if value is not None:
            inner(value)

    return check


def list_of(inner: Check, *, least: int = 0, most: int = 64) -> Check:
    """A list of `least` to `most` values that `inner` takes."""

    def check(value: JSON) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise LeafSchema(f"A list of {least} to {most} entries is expected", why=repr(value)[:80])
        for entry in value:
            inner(entry)

    return check


def closed(schema: Schema) -> Check:
    """An object with exactly the fields of `schema`."""

    def check(value: JSON) -> None:
        if not isinstance(value, dict):
            raise LeafSchema("An object is expected", why=repr(value)[:80])
        check_fields(value, schema)

    return check


def check_fields(value: JSONObject, schema: Schema) -> None:
    """Raises LeafSchema, naming the field, unless `value` has exactly the fields of `schema`."""
    if value.keys() != schema.keys():
        missing, extra = sorted(schema.keys() - value.keys()), sorted(value.keys() - schema.keys())
        raise LeafSchema("Fields are not exactly those of the kind", why=f"missing {missing}, unknown {extra}")
    for name, check in schema.items():
        try:
            check(value[name])
        except LeafSchema as error:
            error.path = f"{name}.{error.path}" if error.path else name
            raise
