"""I-JSON in (RFC 8259, RFC 7493): what is accepted means the same to every reader.

Guarantees that duplicate keys, NaN and the infinities, integers beyond 2^53-1, numbers beyond the doubles,
unpaired surrogates, text that is not UTF-8, a byte order mark, too deep nesting and trailing data are refused
with the JSON path of the culprit, and that whatever is accepted can be read again from its RFC 8785 form.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from ledger.core import json_faults as faults
from ledger.core.json_locate import RefusedError, fraction, integer, locate
from ledger.core.json_quick import quick
from ledger.core.json_walk import refuse_unsound
from ledger.errors import JSONInvalid

if TYPE_CHECKING:
    from ledger.core.types import JSON

MAX_DEPTH = 64
"""Levels of objects and arrays: `[[1]]` has two."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedError
    return members


def _refuse_constant(_literal: str) -> NoReturn:
    raise RefusedError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_duplicates,
    parse_constant=_refuse_constant,
    parse_int=integer,
    parse_float=fraction,
)


def parse(data: bytes, *, max_depth: int = MAX_DEPTH) -> JSON:
    """Return the value of one JSON text.

    Takes UTF-8 bytes of any length; raises JSONInvalid with `path`. Rules: RFC 8259, RFC 7493.
    """
    found = quick(data, max_depth)
    if found is not None:
        return found
    text = _text(data)
    try:
        value: JSON = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        locate(text, max_depth)
        # Reached only where the caller allows more depth than the interpreter's own reader has.
        raise faults.too_deep("$", max_depth) from error
    if _needs_walk(data, max_depth):
        check(value, max_depth=max_depth)
    return value


def check(value: JSON, path: str = "$", *, max_depth: int = MAX_DEPTH) -> None:
    """Raise JSONInvalid unless `parse` could have returned this value; `path` is the value's own place."""
    refuse_unsound(value, path, max_depth, readable=True)


def _needs_walk(data: bytes, max_depth: int) -> bool:
    # Valid UTF-8 holds no surrogates: only an escape can make one.
    return b"\\u" in data or data.count(b"{") + data.count(b"[") > max_depth


def _text(data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARK):
        raise faults.byte_order_mark()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = _end_of(data[: error.start].decode("utf-8"))
        raise faults.not_utf8(place, error.start) from None


def _end_of(text: str) -> str:
    try:
        locate(text, MAX_DEPTH)
    except JSONInvalid as fault:
        return fault.path
    return "$"
