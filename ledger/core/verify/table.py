"""The leaves of a range as they were read: hash, index and place of each, in some sixty bytes a leaf.

A million leaves fit in memory that way; their bytes stay in the archive and are read again, in order, where
a later step needs them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from struct import iter_unpack
from typing import Final

from ledger.core.bundle.layout import LEAVES
from ledger.core.envelope import Envelope, parse
from ledger.core.types import HASH_BYTES, Hash
from ledger.core.verify.archive import Archive

UNREAD: Final = 0
EVENT: Final = 1
OTHER: Final = 2
REDACTED: Final = 3
_SHOWN: Final = (EVENT, OTHER)


@dataclass(slots=True)
class LeafTable:
    """Leaves in ascending order of index; `kept` are those whose content later steps need, `kinds` counts all.

    `usual` marks those that were taken in a faultless run: events in their usual form, behind the leaf above them.
    `reversed` are pairs of shown leaves with hidden ones in between, of which the later was recorded earlier.
    """

    hashes: bytearray = field(default_factory=bytearray)
    indices: array[int] = field(default_factory=lambda: array("Q"))
    states: bytearray = field(default_factory=bytearray)
    usual: bytearray = field(default_factory=bytearray)
    offsets: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("L"))
    kept: dict[int, Envelope] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    reversed: list[tuple[int, int]] = field(default_factory=list)
    complete: bool = False

    def add(self, index: int, leaf_hash: Hash, state: int, span: tuple[int, int]) -> None:
        """Enter the next leaf; `index` is above all before, `span` is where its line lies in the file."""
        self.indices.append(index)
        self.offsets.append(span[0])
        self.lengths.append(span[1])
        self.hashes += leaf_hash
        self.states.append(state)
        self.usual.append(0)

    def add_usual(self, index: int, hashes: Sequence[Hash], lengths: Sequence[int], at: int) -> None:
        """Enter a faultless run of events from `index` on, whose lines of these lengths begin at offset `at`."""
        count = len(hashes)
        self.indices.extend(range(index, index + count))
        self.offsets.extend(accumulate([length + 1 for length in lengths[:-1]], initial=at))
        self.lengths.extend(lengths)
        self.hashes += b"".join(hashes)
        self.states += bytes([EVENT]) * count
        self.usual += b"\1" * count
        self.kinds["event"] += count

    def __len__(self) -> int:
        return len(self.indices)

    def hash_at(self, place: int) -> Hash:
        """Hash of the leaf in this line."""
        return Hash(bytes(self.hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]))

    def place_of(self, index: int) -> int | None:
        """Line of the leaf with this index."""
        place = bisect_left(self.indices, index)
        return place if place < len(self.indices) and self.indices[place] == index else None

    def hash_of(self, index: int) -> Hash | None:
        """Hash of the leaf with this index."""
        place = self.place_of(index)
        return None if place is None else self.hash_at(place)

    def state_of(self, index: int) -> int | None:
        """EVENT, OTHER, REDACTED or UNREAD (not a valid leaf); None where there is none."""
        place = self.place_of(index)
        return None if place is None else self.states[place]

    def is_shown(self, index: int) -> bool:
        """Whether the content of this leaf was read."""
        return self.state_of(index) in _SHOWN

    def shown_between(self, start: int, end: int) -> int:
        """How many leaves of [start, end) were read."""
        places = slice(bisect_left(self.indices, start), bisect_left(self.indices, end))
        return sum(self.states[places].count(state) for state in _SHOWN)

    def leaf(self, archive: Archive, index: int) -> Envelope | None:
        """The leaf in the place of this index, read again; None where it is hidden or not valid."""
        place = self.place_of(index)
        if place is None or self.states[place] not in _SHOWN:
            return None
        return parse(archive.slice(LEAVES, self.offsets[place], self.lengths[place]))

    def hashes_between(self, start: int, end: int) -> list[Hash] | None:
        """Hashes of the leaves [start, end]; None unless all are there. Both indices are inside."""
        first = self.place_of(start)
        count = end - start + 1
        if first is None or first + count > len(self) or self.indices[first + count - 1] != end:
            return None
        hashes = self.hashes[first * HASH_BYTES : (first + count) * HASH_BYTES]
        return [Hash(value) for (value,) in iter_unpack(f"{HASH_BYTES}s", hashes)]
