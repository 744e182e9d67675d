"""RFC 8785 (JSON Canonicalization Scheme): one byte form for every JSON value.

Guarantees the same bytes with and without the accelerator: orjson is used only for values in which it and
RFC 8785 cannot differ (no float, no key beyond ASCII, no integer beyond 2^53-1); everything else is
written by the pure Python writer, which is complete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ledger.core.ecma_number import ecma_number
from ledger.core.json_quick import is_plain
from ledger.core.json_walk import refuse_unsound
from ledger.core.strict_json import MAX_DEPTH, parse
from ledger.errors import NotCanonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.core.types import JSON

_fast_dumps: Callable[..., bytes] | None
_fast_options = 0
try:
    import orjson
except ImportError:
    _fast_dumps = None
else:
    _fast_dumps, _fast_options = orjson.dumps, orjson.OPT_SORT_KEYS

_ESCAPED: Final = re.compile(r'[\x00-\x1f"\\]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPES: Final = {chr(code): f"\\u{code:04x}" for code in range(0x20)} | _SHORT
_LITERALS: Final = {None: "null", True: "true", False: "false"}
_CONTAINERS: Final = frozenset({dict, list})


def canonical(value: JSON) -> bytes:
    """Return the RFC 8785 bytes of a JSON value.

    Raises JSONInvalid with `path` for what is not I-JSON or nested deeper than 64 levels. A float of 2^53 to
    10^21 is written as the scheme demands although `parse` refuses it: use `strict_json.check` before.
    """
    fast = accelerated(value)
    return canonical_pure(value) if fast is None else fast


def canonical_pure(value: JSON) -> bytes:
    """Return the same bytes as `canonical` without any accelerator; raises the same."""
    refuse_unsound(value, "$", MAX_DEPTH, readable=False)
    return _written(value).encode("utf-8")


def parse_canonical(data: bytes) -> JSON:
    """Return the value of bytes that are their own RFC 8785 form; raises JSONInvalid or NotCanonical."""
    value = parse(data)
    if canonical(value) != data:
        raise NotCanonical(
            "The bytes are not canonical JSON",
            why="they differ from the RFC 8785 form of the value which they hold",
            next_step="Canonicalise the value with RFC 8785 and hash or sign those bytes.",
            path="$",
        )
    return value


def accelerated(value: JSON) -> bytes | None:
    """Return the RFC 8785 bytes where orjson writes just these; None where only the pure writer may."""
    if _fast_dumps is None or type(value) not in _CONTAINERS:
        return None
    try:
        return _fast_dumps(value, option=_fast_options) if is_plain(value, MAX_DEPTH) else None
    except TypeError:
        # A key that is no string, or a lone surrogate: the pure writer finds its place.
        return None


def _written(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=_utf16)
        return "{" + ",".join(f"{_quoted(key)}:{_written(item)}" for key, item in members) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, str):
        return _quoted(value)
    return _LITERALS[value] if value is None or isinstance(value, bool) else _number(value)


def _number(value: float) -> str:
    return int.__repr__(value) if isinstance(value, int) else ecma_number(value)


def _utf16(member: tuple[str, object]) -> bytes:
    """Order of keys: their UTF-16 code units as unsigned numbers (RFC 8785, section 3.2.3)."""
    return member[0].encode("utf-16-be")


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found.group()]
