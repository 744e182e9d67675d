"""Fields of governed documents in words: `/state` becomes State, seconds become durations, people their names.

What is signed are the bytes on the signing page; here the same fields are told for reading, with their path beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from ledger.core.canonical import canonical

if TYPE_CHECKING:
    from ledger.core.types import JSON

_SECONDS = "_s"
_NAMES = {"kid": "Key", "lock_s": "Time lock", "life_s": "Life", "cool_down_s": "Cool-down", "mmd_s": "Merge delay"}
_LONGEST = 400


def field_name(path: str) -> str:
    """A name for the field at a JSON pointer; the pointer itself stands beside it."""
    last = path.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")
    if last in _NAMES:
        return _NAMES[last]
    plain = last.removesuffix(_SECONDS).replace("_", " ").replace("-", " ").strip()
    return plain[:1].upper() + plain[1:] if plain else "The whole document"


def in_words(path: str, value: JSON, names: Mapping[str, str]) -> str:
    """A value for people; `names` are those of people by `person:<uuid>`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and path.endswith(_SECONDS):
        return f"{words.duration(timedelta(seconds=value))} ({words.grouped(value)} s)"
    if isinstance(value, int):
        return words.grouped(value)
    if isinstance(value, str):
        return _text(names.get(value, value))
    return _text(canonical(value).decode())


def _text(text: str) -> str:
    return (
        text
        if len(text) <= _LONGEST
        else f"{text[:_LONGEST]} and {words.counted(len(text) - _LONGEST, 'character')} more"
    )
