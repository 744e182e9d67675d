"""The root over a range, leaf by leaf: memory grows with the logarithm of the log, not with the range.

A range proof holds the maximal subtrees left and right of the range (RFC 6962, section 2.1). The left ones
are the edge of a tree of `first` leaves, so appending the range to them gives every root in between as
well: each older checkpoint inside the range can be compared without any proof of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.core.merkle import Frontier, verify_inclusion
from ledger.core.types import Hash
from ledger.errors import ProofMalformed


class RangeRoot:
    """Grows over the leaves `first` to `last` (both inside) of a log of `size` leaves.

    `sizes` are those whose roots to keep in `roots`. Raises ProofMalformed when the proof's shape cannot be.
    """

    def __init__(self, first: int, last: int, size: int, proof: Sequence[Hash], sizes: frozenset[int]) -> None:
        left = first.bit_count()
        self._sides = _sides(last, size)
        if not first <= last < size or len(proof) != left + self._sides.count(False):
            raise ProofMalformed(
                "The range proof has not the number of hashes that its range demands", why=str(len(proof))
            )
        self._last, self._size, self._right = last, size, list(proof[left:])
        self._edge = Frontier.from_nodes(first, proof[:left])
        self._before: tuple[Hash, ...] = ()
        self._leaf: Hash | None = None
        self._sizes = sizes
        self.roots: dict[int, Hash] = {}

    def append(self, leaf: Hash) -> None:
        """Take the hash of the next leaf."""
        if self._edge.size == self._last:
            self._before, self._leaf = self._edge.nodes, leaf
        self._edge.append(leaf)
        if self._edge.size in self._sizes:
            self.roots[self._edge.size] = self._edge.root()

    def extend(self, leaves: Sequence[Hash]) -> None:
        """Take the hashes of the next leaves, in order: as many calls of `append`, and several times quicker."""
        at = 0
        while at < len(leaves):
            size = self._edge.size
            ends = [end for end in (*self._sizes, self._last) if size < end <= size + len(leaves) - at]
            stop = at + min(ends, default=size + len(leaves) - at) - size
            self._edge.extend(leaves[at : stop - 1])
            self.append(leaves[stop - 1])
            at = stop

    def verify(self, root: Hash) -> None:
        """Raises InclusionInvalid unless leaves and proof give `root`, ProofMalformed when leaves are
        lacking.
        """
        if self._leaf is None or self._edge.size != self._last + 1:
            raise ProofMalformed("The range is not complete", why=f"it ends at {self._edge.size}")
        left, right = iter(reversed(self._before)), iter(self._right)
        path = [next(left) if is_left else next(right) for is_left in self._sides]
        verify_inclusion(self._last, self._size, self._leaf, path, root)


def _sides(index: int, size: int) -> list[bool]:
    """For each sibling of a leaf, lowest first, whether it stands to the left (RFC 9162, 2.1.3.2)."""
    sides, last = [], size - 1
    while last > 0:
        if index & 1:
            sides.append(True)
        elif index < last:
            sides.append(False)
        index, last = index >> 1, last >> 1
    return sides
