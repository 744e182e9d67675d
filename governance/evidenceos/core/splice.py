"""One value of a JSON text replaced in place: every other byte stays as it is.

Guarantees that what the daemon keeps in its state beside a canary is not written anew, whatever its form: numbers,
spaces and the order of members stay. The text is one that `jsons.parse` accepts.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.canary import Canary
from governance.evidenceos.core.fields import malformed
from governance.evidenceos.core.jsons import compact, parse

if TYPE_CHECKING:
    from ledger.core.types import JSON

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


def with_canary(state: bytes, key: str, canary: Canary) -> bytes:
    """Return state.json with another state of one canary.

    Raises JSONUnreadable where it is no JSON, FieldMalformed where there is no such stream.
    """
    parse(state)
    text = state.decode("utf-8")
    place = _place_of(text, key)
    start, end = span_of(text, ("canary_states", place, 1))
    return (text[:start] + compact(canary.to_json()).decode("utf-8") + text[end:]).encode("utf-8")


def span_of(text: str, path: tuple[str | int, ...]) -> tuple[int, int]:
    """Where the value at a path begins and ends in the text; raises FieldMalformed where there is none."""
    start = _skip(text, 0)
    for part in path:
        start = _member(text, start, part) if isinstance(part, str) else _entry(text, start, part)
    return start, _end(text, start)


def _place_of(text: str, key: str) -> int:
    """The last of the rows with this key: the one that a reader takes."""
    start, end = span_of(text, ("canary_states",))
    rows: JSON = json.loads(text[start:end])
    places = [
        place for place, row in enumerate(rows if isinstance(rows, list) else [])
        if isinstance(row, list) and len(row) == 2 and row[0] == key
    ]  # fmt: skip
    if not places:
        raise malformed("$.canary_states", f"a stream {key[:80]!a}", None)
    return places[-1]


def _member(text: str, start: int, name: str) -> int:
    if text[start] != "{":
        raise malformed("$", "an object", None)
    at = _skip(text, start + 1)
    while text[at] != "}":
        end = _end(text, at)
        value = _skip(text, _skip(text, end) + 1)
        if json.loads(text[at:end]) == name:
            return value
        at = _next(text, value)
    raise malformed("$", f"a member {name}", None)


def _entry(text: str, start: int, place: int) -> int:
    if text[start] != "[":
        raise malformed("$", "a list", None)
    at = _skip(text, start + 1)
    for _ in range(place):
        if text[at] == "]":
            break
        at = _next(text, at)
    if text[at] == "]":
        raise malformed("$", f"an entry {place}", None)
    return at


def _next(text: str, start: int) -> int:
    """Where the value behind this one begins, or the bracket that closes."""
    at = _skip(text, _end(text, start))
    return _skip(text, at + 1) if text[at] == "," else at


def _end(text: str, start: int) -> int:
    return _DECODER.raw_decode(text, start)[1]


def _skip(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found is not None else start
