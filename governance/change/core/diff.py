"""What changes from one state to another: field by field, old and new, as text that means one value only.

Guarantees that two different states always differ in at least one line, that the order is that of the paths, and
that a value is shown as its RFC 8785 text (`"12"` is text, `12` a number). `None` as a side means: not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.core.canonical import canonical
from ledger.core.types import JSON, JSONObject

_ABSENT = object()


def differences(old: JSON, new: JSON) -> list[JSON]:
    """Lines `{path, old, new}` with JSON pointers (RFC 6901), in the order of the paths."""
    lines: list[JSON] = [*_between(old, new, "")]
    return lines


def _between(old: object, new: object, path: str) -> Iterator[JSONObject]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            yield from _between(old.get(name, _ABSENT), new.get(name, _ABSENT), f"{path}/{_escaped(name)}")
    elif _text(old) != _text(new):
        yield {"path": path, "old": _text(old), "new": _text(new)}


def _text(value: object) -> str | None:
    return None if value is _ABSENT else canonical(value).decode()  # type: ignore[arg-type]  # a JSON value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
