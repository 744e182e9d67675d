"""The refusals of I-JSON (RFC 7493): one function a rule, each saying what, why and what to do next.

Guarantees that the reader of bytes (`strict_json`), the walk over values in memory (`json_walk`) and the
canonical writer (`canonical`) refuse with the same words and name the culprit by its JSON path, for example
`$.payload.items[3]['odd key']` (RFC 9535 shorthand where the name allows it).
"""

from __future__ import annotations

import re

from ledger.errors import JSONInvalid

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every I-JSON reader holds exactly (RFC 7493, section 2.2)."""

EXPONENT_FORM_FROM = 1e21
"""From this magnitude ECMAScript, and so RFC 8785, writes a number with an exponent."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_NAME = 64


def path_of(parts: list[str | int]) -> str:
    """Return the JSON path of names and 0-based positions counted from the root `$`."""
    return "$" + "".join(_step(part) for part in parts)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if len(part) <= _LONGEST_NAME and _PLAIN_NAME.fullmatch(part):
        return f".{part}"
    return f"['{_printable(part)}']"


def _printable(name: str) -> str:
    cut = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
    quoted = cut.replace("\\", "\\\\").replace("'", "\\'")
    return "".join(c if c.isprintable() else _escape(c) for c in quoted)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def is_unsafe_integer(number: float) -> bool:
    """Tell whether RFC 8785 writes this finite number as an integer that no reader may take back."""
    return MAX_SAFE_INTEGER < abs(number) < EXPONENT_FORM_FROM


def has_lone_surrogate(text: str) -> bool:
    """Tell whether the string holds a surrogate without its other half, so that it has no UTF-8 bytes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def not_utf8(path: str, offset: int) -> JSONInvalid:
    """Refuse bytes that are not UTF-8; `offset` counts bytes from 0 (RFC 8259, section 8.1)."""
    return JSONInvalid(
        f"Byte {offset} is not UTF-8",
        why="JSON between systems is UTF-8 only (RFC 8259, section 8.1)",
        next_step="Encode the text as UTF-8 and send it again.",
        path=path,
    )


def byte_order_mark() -> JSONInvalid:
    """Refuse a leading byte order mark (RFC 8259, section 8.1)."""
    return JSONInvalid(
        "The text begins with a byte order mark",
        why="senders must not add one, and two byte forms of one text would have two digests",
        next_step="Save the text as UTF-8 without a byte order mark.",
        path="$",
    )


def syntax(path: str, expected: str, offset: int) -> JSONInvalid:
    """Refuse text that is not JSON; `offset` counts characters from 0 (RFC 8259)."""
    return JSONInvalid(
        f"Not JSON: {expected} expected at character {offset}",
        why="the text does not follow RFC 8259",
        next_step="Write the JSON with a library instead of by hand and send it again.",
        path=path,
    )


def trailing_data(offset: int) -> JSONInvalid:
    """Refuse anything but white space behind the value; `offset` counts characters from 0."""
    return JSONInvalid(
        f"More data follows the value at character {offset}",
        why="one text is one value; what follows would not be part of what is hashed",
        next_step="Send one value, or one value a line as NDJSON where that is offered.",
        path="$",
    )


def too_deep(path: str, max_depth: int) -> JSONInvalid:
    """Refuse objects and arrays nested deeper than `max_depth`."""
    return JSONInvalid(
        f"Nested deeper than {max_depth} levels",
        why="a verifier must be able to read every value with bounded memory",
        next_step="Flatten the value, or send it as an opaque payload.",
        path=path,
    )


def duplicate_key(path: str) -> JSONInvalid:
    """Refuse a name that stands twice in one object (RFC 7493, section 2.3)."""
    return JSONInvalid(
        "The same key stands twice in one object",
        why="readers differ in which of the two counts (RFC 7493, section 2.3)",
        next_step="Keep one of the two members and send it again.",
        path=path,
    )


def key_not_text(path: str, kind: str) -> JSONInvalid:
    """Refuse an object in memory with a key that is not a string."""
    return JSONInvalid(
        f"A key of type {kind} in an object",
        why="JSON knows strings as keys only; a silent conversion could make two keys one",
        next_step="Turn the key into a string before handing the value over.",
        path=path,
    )


def lone_surrogate(path: str) -> JSONInvalid:
    r"""Refuse text with an unpaired surrogate such as `\ud800` (RFC 7493, section 2.1)."""
    return JSONInvalid(
        "Text with an unpaired surrogate",
        why="it is no Unicode character and has no UTF-8 bytes (RFC 7493, section 2.1)",
        next_step="Remove the broken character, or send the bytes as an opaque payload.",
        path=path,
    )


def not_a_number(path: str) -> JSONInvalid:
    """Refuse NaN and the infinities (RFC 8259, section 6)."""
    return JSONInvalid(
        "NaN or Infinity",
        why="JSON has no such numbers (RFC 8259, section 6)",
        next_step="Send null, or a string that says what is meant.",
        path=path,
    )


def integer_too_large(path: str) -> JSONInvalid:
    """Refuse an integer beyond 2^53-1 in magnitude (RFC 7493, section 2.2)."""
    return JSONInvalid(
        "An integer beyond 9007199254740991",
        why="readers that hold numbers as doubles would read another number (RFC 7493, section 2.2)",
        next_step="Send the number as a string.",
        path=path,
    )


def number_overflow(path: str) -> JSONInvalid:
    """Refuse a number that no finite double holds (RFC 7493, section 2.2)."""
    return JSONInvalid(
        "A number beyond the range of a double",
        why="readers would take it for infinity (RFC 7493, section 2.2)",
        next_step="Send the number as a string.",
        path=path,
    )


def unknown_type(path: str, kind: str) -> JSONInvalid:
    """Refuse a value in memory that is no JSON value."""
    return JSONInvalid(
        f"A value of type {kind}",
        why="JSON knows null, true, false, numbers, strings, arrays and objects only",
        next_step="Convert the value before handing it over; a tuple is to become a list.",
        path=path,
    )
