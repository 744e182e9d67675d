"""The statement as a person reads it before signing: rendered from the bytes that are signed, and from nothing else.

Guarantees that each value of the statement stands in exactly one line with its path, so that two different
statements never read the same; and that what the eye cannot see or would reorder (controls, zero width, right to
left) is written out as its code point. Follows the governance reference, 2.4 (rendering rule) and I16.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from governance.change.core.characters import is_hiding, written_out
from governance.change.core.statement import Statement
from ledger.core.canonical import canonical
from ledger.core.types import JSON, JSONObject

ORDER = (
    "verb", "change", "effect", "policy", "window", "tenant", "signer", "deployment", "ledger", "nonce", "client", "v",
)  # fmt: skip
"""What is read first stands first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the path of a value, and the value; `suspect` where either holds characters that cannot be seen."""

    path: str
    text: str
    suspect: bool = False


def lines(statement: Statement) -> tuple[Line, ...]:
    """Every value of the statement, in the order in which it is read."""
    return tuple(line for name in ORDER for line in _lines(statement.fields[name], name))


def as_text(statement: Statement) -> str:
    """The whole for a terminal or for paper, ending with the short code."""
    rows = [f"{line.path}: {line.text}" for line in lines(statement)]
    return "\n".join([*rows, f"short code: {statement.code}", ""])


def shown(text: str) -> str:
    """Text with everything unseen written as `<U+XXXX>`, and a `<` that would read like one as `<U+003C>`."""
    return written_out(text)


def _lines(value: JSON, path: str) -> Iterator[Line]:
    if isinstance(value, dict) and value:
        yield from _members(value, path)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _lines(inner, f"{path}[{place}]")
    else:
        told = canonical(value).decode()
        yield Line(shown(path), shown(told), is_hiding(told) or is_hiding(path))


def _members(value: JSONObject, path: str) -> Iterator[Line]:
    for name in sorted(value):
        key = name if name.replace("_", "a").isalnum() and name.isascii() else canonical(name).decode()
        yield from _lines(value[name], f"{path}.{key}")
