"""JSON as EvidenceOS writes and hashes it: `canonical` with sorted names, `compact` and `pretty` in the order given.

Guarantees that integers up to 2^64-1 stay integers, that every name stands once, and that whatever is refused is named
by its JSON path. Rule: reference, section 0 (`canonical_json`); RFC 8259 for the text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING, Any, Final

from governance.evidenceos.core.floats import U64_MAX, serde_float
from governance.evidenceos.errors import JSONUnreadable, NumberUnwritable
from ledger.core.json_faults import has_lone_surrogate, path_of

if TYPE_CHECKING:
    from ledger.core.types import JSON

I64_MIN: Final = -(2**63)
MAX_DEPTH: Final = 127
"""serde_json refuses the 128th level."""

_LONGEST_INTEGER: Final = 20


@dataclass(frozen=True, slots=True)
class _Culprit:
    """Stands in a value where a rule was broken, until the walk has found its path."""

    why: str


def parse(data: bytes) -> JSON:
    """Return the value of one JSON text; raises JSONUnreadable with the path of the first culprit."""
    try:
        value: Any = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _unreadable("$", f"byte {error.start} is not UTF-8") from None
    except RecursionError:
        raise _unreadable("$", f"it is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise _unreadable("$", str(error)) from None
    _refuse_culprits(value)
    found: JSON = value
    return found


def canonical(value: JSON) -> bytes:
    """Return compact JSON with names sorted by their UTF-8 bytes: what is hashed and signed."""
    return "".join(_written(value, is_sorted=True)).encode("utf-8")


def compact(value: JSON) -> bytes:
    """Return compact JSON in the order of the members: serde's form of a struct."""
    return "".join(_written(value, is_sorted=False)).encode("utf-8")


def pretty(value: JSON, indent: str = "") -> str:
    """Return serde's pretty form: two spaces a level, `[]` and `{}` for what is empty, no newline at the end."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        rows = [f"{inner}{_text(name)}: {pretty(member, inner)}" for name, member in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(inner + pretty(member, inner) for member in value) + f"\n{indent}]"
    return "".join(_written(value, is_sorted=False))


def _written(value: JSON, *, is_sorted: bool) -> list[str]:
    if isinstance(value, dict):
        names = sorted(value) if is_sorted else list(value)
        rows = [[f"{_text(name)}:", *_written(value[name], is_sorted=is_sorted)] for name in names]
        return ["{", *_joined(rows), "}"]
    if isinstance(value, list):
        return ["[", *_joined([_written(member, is_sorted=is_sorted) for member in value]), "]"]
    return [_scalar(value)]


def _joined(rows: list[list[str]]) -> list[str]:
    parts: list[str] = []
    for row in rows:
        parts += [",", *row] if parts else row
    return parts


def _scalar(value: float | str | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    return _integer_text(value) if isinstance(value, int) else serde_float(value)


def _integer_text(value: int) -> str:
    if not I64_MIN <= value <= U64_MAX:
        raise NumberUnwritable("This number cannot be written", why=f"{value} has no place in 64 bits")
    return str(value)


def _text(value: str) -> str:
    if has_lone_surrogate(value):
        raise NumberUnwritable("This text cannot be written", why="it holds an unpaired surrogate")
    return json.dumps(value, ensure_ascii=False)


def _members(pairs: list[tuple[str, Any]]) -> Any:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = [name for name, _ in pairs]
    twice = next(name for name in names if names.count(name) > 1)
    return _Culprit(f"the name {twice[:64]!a} stands twice in one object")


def _integer(literal: str) -> Any:
    if literal == "-0":
        return -0.0
    if len(literal) > _LONGEST_INTEGER or not I64_MIN <= int(literal) <= U64_MAX:
        return _Culprit("the integer does not fit 64 bits")
    return int(literal)


def _fraction(literal: str) -> Any:
    number = float(literal)
    return _Culprit("the number is beyond the doubles") if isinf(number) else number


def _constant(literal: str) -> Any:
    return _Culprit(f"{literal} is no JSON number")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)


def _refuse_culprits(value: Any) -> None:
    """Raise for the first culprit; without recursion, in the order of the text."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        parts, one = waiting.pop()
        _refuse_one(parts, one)
        if isinstance(one, dict):
            for name in one:
                _refuse_one((*parts, name), name)
            waiting += [((*parts, name), member) for name, member in reversed(one.items())]
        elif isinstance(one, list):
            waiting += [((*parts, place), one[place]) for place in reversed(range(len(one)))]


def _refuse_one(parts: tuple[str | int, ...], one: Any) -> None:
    path = path_of(list(parts))
    if isinstance(one, _Culprit):
        raise _unreadable(path, one.why)
    if isinstance(one, dict | list) and len(parts) >= MAX_DEPTH:
        raise _unreadable(path, f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(one, str) and has_lone_surrogate(one):
        raise _unreadable(path, "the text holds an unpaired surrogate")


def _unreadable(path: str, why: str) -> JSONUnreadable:
    return JSONUnreadable("This is not the JSON that EvidenceOS reads", why=why, path=path)
