"""The leaves of a range as they were read: hash, index and place of each, in some five bytes of memory a leaf.

Ten million leaves fit in memory that way; their hashes lie in the temporary file (hash_shelf.py), their bytes stay in
the archive and are read again where a later step needs them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ledger.core.bundle.layout import LEAVES
from ledger.core.envelope import Envelope, parse
from ledger.core.types import HASH_BYTES, Hash
from ledger.core.verify.archive import Archive
from ledger.core.verify.hash_shelf import HashShelf

UNREAD: Final = 0
EVENT: Final = 1
OTHER: Final = 2
REDACTED: Final = 3
_SHOWN: Final = (EVENT, OTHER)
_MEMBER: Final = {"attrs": b'"attrs":"', "payload": b'"payload":"'}
_STEP: Final = 256
"""Most leaves of a row: so many lengths are summed up to find the last one."""


class LeafTable:
    """Leaves in ascending order of index; `kept` are those whose content later steps need, `kinds` counts all.

    `states` has a byte for each; `usual` marks those that were taken in a faultless run: events in their usual form,
    behind the leaf above them. `reversed` are pairs of shown leaves with hidden ones in between, of which the later was
    recorded earlier.
    """

    def __init__(self, archive: Archive) -> None:
        self.states, self.usual = bytearray(), bytearray()
        self.kept: dict[int, Envelope] = {}
        self.kinds: Counter[str] = Counter()
        self.reversed: list[tuple[int, int]] = []
        self.complete = False
        self._shelf = HashShelf(archive.tar, archive.size)
        self._lengths = array("H")
        # Rows of leaves whose indices and lines follow each other: place, index and offset of the first of each.
        self._places, self._indices, self._offsets = array("Q"), array("Q"), array("Q")
        self._next = (-1, -1)

    def add(self, index: int, leaf_hash: Hash, state: int, span: tuple[int, int]) -> None:
        """Enter the next leaf; `index` is above all before, `span` is where its line lies in the file."""
        if (index, span[0]) != self._next or len(self) - self._places[-1] == _STEP:
            self._row(len(self), index, span[0])
        self._next = index + 1, sum(span) + 1
        self._lengths.append(span[1])
        self._shelf.append(leaf_hash)
        self.states.append(state)
        self.usual.append(0)

    def add_usual(self, index: int, hashes: Sequence[Hash], lengths: Sequence[int], at: int) -> None:
        """Enter a faultless run of events from `index` on, whose lines of these lengths begin at offset `at`."""
        count, place = len(hashes), len(self)
        for start in range(0, count, _STEP):
            self._row(place + start, index + start, at)
            part = lengths[start : start + _STEP]
            at += sum(part) + len(part)
        self._next = index + count, at
        self._lengths.extend(lengths)
        self._shelf.append(b"".join(hashes))
        self.states += bytes([EVENT]) * count
        self.usual += b"\1" * count
        self.kinds["event"] += count

    def _row(self, place: int, index: int, offset: int) -> None:
        self._places.append(place)
        self._indices.append(index)
        self._offsets.append(offset)

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def first(self) -> int:
        """Index of the first leaf."""
        return self.index_at(0)

    @property
    def last(self) -> int:
        """Index of the last leaf."""
        return self.index_at(len(self) - 1)

    def index_at(self, place: int) -> int:
        """Index of the leaf in this line."""
        row = bisect_right(self._places, place) - 1
        return self._indices[row] + place - self._places[row]

    def hashes_at(self, start: int, end: int) -> bytes:
        """Hashes of the leaves in the lines [start, end), one behind the other."""
        return self._shelf.joined(start, end)

    def span(self, place: int) -> tuple[int, int]:
        """Where the line of this leaf lies in the file: offset and length."""
        row = bisect_right(self._places, place) - 1
        before = self._lengths[self._places[row] : place]
        return self._offsets[row] + sum(before) + len(before), self._lengths[place]

    def _from(self, index: int) -> int:
        """Line of the first leaf with this index or a later one; the number of leaves where there is none."""
        row = bisect_right(self._indices, index) - 1
        if row < 0:
            return 0
        end = self._places[row + 1] if row + 1 < len(self._places) else len(self)
        return min(self._places[row] + index - self._indices[row], end)

    def place_of(self, index: int) -> int | None:
        """Line of the leaf with this index."""
        place = self._from(index)
        return place if place < len(self) and self.index_at(place) == index else None

    def hash_of(self, index: int) -> Hash | None:
        """Hash of the leaf with this index."""
        place = self.place_of(index)
        return None if place is None else Hash(self.hashes_at(place, place + 1))

    def state_of(self, index: int) -> int | None:
        """EVENT, OTHER, REDACTED or UNREAD (not a valid leaf); None where there is none."""
        place = self.place_of(index)
        return None if place is None else self.states[place]

    def is_shown(self, index: int) -> bool:
        """Whether the content of this leaf was read."""
        return self.state_of(index) in _SHOWN

    def shown_between(self, start: int, end: int) -> int:
        """How many leaves of [start, end) were read."""
        places = slice(self._from(start), self._from(end))
        return sum(self.states[places].count(state) for state in _SHOWN)

    def leaf(self, archive: Archive, index: int) -> Envelope | None:
        """The leaf in the place of this index, read again; None where it is hidden or not valid."""
        place = self.place_of(index)
        if place is None or self.states[place] not in _SHOWN:
            return None
        return parse(archive.slice(LEAVES, *self.span(place)))

    def commitment(self, archive: Archive, place: int, role: str) -> bytes | None:
        """What the event in this line commits to, `attrs` or `payload`, read again; None where no event is shown."""
        if self.states[place] != EVENT:
            return None
        raw = archive.slice(LEAVES, *self.span(place))
        if not self.usual[place]:
            return bytes.fromhex(str(parse(raw).fields[role]))
        at = raw.index(_MEMBER[role]) + len(_MEMBER[role])
        return bytes.fromhex(raw[at : at + 2 * HASH_BYTES].decode())

    def in_a_row(self, start: int, end: int) -> tuple[int, int] | None:
        """Offset and length of the lines [start, end); None where they or their indices do not follow each other."""
        (first, _), (at, length) = self.span(start), self.span(end - 1)
        lines = self._lengths[start:end]
        whole = at + length - first
        follow = self.index_at(end - 1) - self.index_at(start) == len(lines) - 1
        return (first, whole) if follow and whole == sum(lines) + len(lines) - 1 else None

    def hashes_between(self, start: int, end: int) -> list[Hash] | None:
        """Hashes of the leaves [start, end]; None unless all are there. Both indices are inside."""
        first, last = self.place_of(start), self.place_of(end)
        if first is None or last is None or last - first != end - start:
            return None
        return self._shelf.between(first, last + 1)
