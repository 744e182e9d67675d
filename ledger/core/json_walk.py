"""The rules of I-JSON (RFC 7493) for values already in memory.

Guarantees one walk without recursion that is bounded by depth, so that a value which contains itself is
refused, and names the culprit by its JSON path. `bool` is never taken for an integer.
"""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING, TypeAlias

from ledger.core import json_faults as faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.core.types import JSON

_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
_Entry: TypeAlias = "tuple[object, _Trail, int]"

_DIRECT = frozenset({type(None), bool})


def refuse_unsound(value: JSON, path: str, max_depth: int, *, readable: bool) -> None:
    """Raise the JSONInvalid of the first fault in `value`, in document order.

    `path` names the value itself; with `readable` also numbers are refused whose canonical form `parse`
    would refuse (an integer of 2^53 to 10^21 held as a float).
    """
    stack: list[_Entry] = [(value, None, 0)]
    while stack:
        stack.extend(reversed(list(_inside(stack.pop(), path, max_depth, readable=readable))))


def _place(path: str, trail: _Trail) -> str:
    parts: list[str | int] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    return path + faults.path_of(parts[::-1])[1:]


def _inside(entry: _Entry, path: str, max_depth: int, *, readable: bool) -> Iterator[_Entry]:
    value, trail, depth = entry
    if isinstance(value, dict | list):
        if depth >= max_depth:
            raise faults.too_deep(_place(path, trail), max_depth)
        yield from _children(value, path, trail, depth + 1)
    elif isinstance(value, str):
        if faults.has_lone_surrogate(value):
            raise faults.lone_surrogate(_place(path, trail))
    elif type(value) not in _DIRECT:
        _refuse_number(value, path, trail, readable=readable)


def _children(value: dict[object, object] | list[object], path: str, trail: _Trail, depth: int) -> Iterator[_Entry]:
    if isinstance(value, list):
        yield from ((item, (trail, place), depth) for place, item in enumerate(value))
        return
    for key, item in value.items():
        if not isinstance(key, str):
            raise faults.key_not_text(_place(path, trail), type(key).__name__)
        if faults.has_lone_surrogate(key):
            raise faults.lone_surrogate(_place(path, (trail, key)))
        yield item, (trail, key), depth


def _refuse_number(value: object, path: str, trail: _Trail, *, readable: bool) -> None:
    if isinstance(value, int):
        if abs(value) > faults.MAX_SAFE_INTEGER:
            raise faults.integer_too_large(_place(path, trail))
    elif not isinstance(value, float):
        raise faults.unknown_type(_place(path, trail), type(value).__name__)
    elif not isfinite(value):
        fault = faults.not_a_number if isnan(value) else faults.number_overflow
        raise fault(_place(path, trail))
    elif readable and faults.is_unsafe_integer(value):
        raise faults.integer_too_large(_place(path, trail))
