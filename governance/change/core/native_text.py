"""JSON of another program as it stands: read strictly, kept as text, shown from the text, cut and spliced in place.

Guarantees one text for one value (no white space, names in the order of their code points, one way to escape), and
that no number passes through a double: a token is shown and compared as it was written. What is not this is refused
with `native_malformed`. Rule: reference on EvidenceOS, section 0 (`canonical_json`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from governance.change.core.characters import is_assigned
from governance.change.errors import NativeMalformed

MOST_BYTES: Final = 65_536
MAX_DEPTH: Final = 8
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00(?:0[0-7bef]|1[0-9a-f]))*"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", re.ASCII)
_WORD: Final = re.compile(r"true|false|null")


@dataclass(frozen=True, slots=True)
class Node:
    """One value: `kind` is object, array, string, number or word; `token` its text from `start` to `end`."""

    kind: str
    token: str
    start: int
    end: int
    members: dict[str, Node] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    items: tuple[Node, ...] = ()

    @property
    def text(self) -> str:
        """What a string says."""
        return str(json.loads(self.token))


@dataclass(frozen=True, slots=True)
class NativeText:
    """A whole text and its root."""

    whole: str
    root: Node

    def without(self, names: frozenset[str]) -> str:
        """The root object without these members; all others letter by letter as they stand."""
        kept = (
            self.whole[self.root.begins[name] : node.end]
            for name, node in self.root.members.items()
            if name not in names
        )
        return "{" + ",".join(kept) + "}"

    def spliced(self, values: dict[str, str]) -> str:
        """The root object with other texts in the places of these members' values."""
        made, at = "", 0
        for name, node in self.root.members.items():
            if name in values:
                made += self.whole[at : node.start] + values[name]
                at = node.end
        return made + self.whole[at:]


def read_text(data: bytes) -> NativeText:
    """Read an object; raises NativeMalformed."""
    if len(data) > MOST_BYTES:
        raise NativeMalformed("A native artefact has at most 64 KiB", why=f"{len(data):,} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NativeMalformed("A native artefact is text in UTF-8", path="$") from error
    reader = _Reader(whole)
    root = reader.value("$", MAX_DEPTH)
    if root.kind != "object" or root.end != len(whole):
        raise NativeMalformed("A native artefact is one object and nothing else", path="$")
    return NativeText(whole, root)


class _Reader:
    """Reads from the left; every place has one way to go on."""

    def __init__(self, whole: str) -> None:
        self.whole = whole
        self.at = 0

    def value(self, path: str, depth: int) -> Node:
        """The value that begins here."""
        first = self.whole[self.at : self.at + 1]
        if first and first in "{[":
            if depth == 0:
                raise NativeMalformed(f"Nested deeper than {MAX_DEPTH} levels", path=path)
            return self._object(path, depth - 1) if first == "{" else self._array(path, depth - 1)
        if first == '"':
            return self._string(path)
        for kind, pattern in (("number", _NUMBER), ("word", _WORD)):
            if found := pattern.match(self.whole, self.at):
                return self._leaf(kind, found.group())
        raise self._syntax(path)

    def _object(self, path: str, depth: int) -> Node:
        start, members, begins, last = self.at, dict[str, Node](), dict[str, int](), ""
        self.at += 1
        while not self._ended("}", path, first=not members):
            begin = self.at
            name = self._name(path)
            if members and name <= last:
                raise NativeMalformed("Names do not stand in their order, or one stands twice", path=path)
            self._expect(":", path)
            begins[name], last = begin, name
            members[name] = self.value(f"{path}.{name}", depth)
        return Node("object", self.whole[start : self.at], start, self.at, members, begins)

    def _array(self, path: str, depth: int) -> Node:
        start, items = self.at, list[Node]()
        self.at += 1
        while not self._ended("]", path, first=not items):
            items.append(self.value(f"{path}[{len(items)}]", depth))
        return Node("array", self.whole[start : self.at], start, self.at, items=tuple(items))

    def _ended(self, closing: str, path: str, *, first: bool) -> bool:
        if self.whole[self.at : self.at + 1] == closing:
            self.at += 1
            return True
        if not first:
            self._expect(",", path)
        return False

    def _name(self, path: str) -> str:
        if self.whole[self.at : self.at + 1] != '"':
            raise self._syntax(path)
        return self._string(path).text

    def _string(self, path: str) -> Node:
        found = _STRING.match(self.whole, self.at)
        if found is None:
            raise self._syntax(path)
        node = self._leaf("string", found.group())
        if not is_assigned(node.text) or not unicodedata.is_normalized("NFC", node.text):
            raise NativeMalformed("Text must be in normal form C, of characters that Unicode 14 knows", path=path)
        return node

    def _leaf(self, kind: str, token: str) -> Node:
        start, self.at = self.at, self.at + len(token)
        return Node(kind, token, start, self.at)

    def _expect(self, sign: str, path: str) -> None:
        if self.whole[self.at : self.at + 1] != sign:
            raise self._syntax(path)
        self.at += 1

    def _syntax(self, path: str) -> NativeMalformed:
        why = "compact JSON with names in order and one way to escape is expected"
        return NativeMalformed("This is not the canonical text that EvidenceOS hashes", why=why, path=path)
