"""The compact right edge of a tree: all that appending and the root need.

Guarantees one hash for every bit of the size, left to right from the largest perfect subtree to the
smallest (RFC 6962, section 2.1), and the same roots as `root` over all leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ledger.core.merkle.hashing import (
    EMPTY_ROOT,
    LARGEST_SIZE,
    fold_right,
    malformed,
    node_hash,
    perfect_subtrees,
    require_hashes,
    require_shape,
    root,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.core.merkle.hashing import NodeReader
    from ledger.core.types import Hash


class Frontier:
    """Right edge of a growing tree; starts empty."""

    def __init__(self) -> None:
        self._size = 0
        self._nodes: list[Hash] = []

    @classmethod
    def from_nodes(cls, size: int, nodes: Sequence[Hash]) -> Self:
        """Return the edge of a tree of `size` leaves from its perfect subtrees, left to right.

        Raises ProofMalformed when their number is not that of the size's bits or one is not 32 bytes.
        """
        if not 0 <= size <= LARGEST_SIZE:
            raise malformed(f"No tree of {size} leaves", "sizes are 0 to 2^63-1")
        require_hashes("edge", *nodes)
        require_shape(size.bit_count(), len(nodes), f"a tree of {size} ends in as many perfect subtrees")
        edge = cls()
        edge._size, edge._nodes = size, list(nodes)
        return edge

    @classmethod
    def from_reader(cls, size: int, read: NodeReader) -> Self:
        """Return the edge of the tree of `size` leaves behind a node reader."""
        return cls.from_nodes(size, [read(level, index) for level, index in perfect_subtrees(0, size)])

    @property
    def size(self) -> int:
        """Number of leaves so far."""
        return self._size

    @property
    def nodes(self) -> tuple[Hash, ...]:
        """Perfect subtrees from left (largest) to right (smallest)."""
        return tuple(self._nodes)

    def append(self, leaf: Hash) -> None:
        """Add one leaf hash of 32 bytes; raises ProofMalformed for another length."""
        require_hashes("leaf", leaf)
        self._push(leaf, 1)

    def extend(self, leaves: Iterable[Hash]) -> None:
        """Add leaf hashes in order, whole perfect subtrees at a time; raises ProofMalformed as `append` does."""
        added = list(leaves)
        require_hashes("leaf", *added)
        at = 0
        while at < len(added):
            width = 1 << (len(added) - at).bit_length() - 1
            if self._size:
                width = min(width, self._size & -self._size)
            self._push(root(added[at : at + width]), width)
            at += width

    def _push(self, node: Hash, width: int) -> None:
        """Add a perfect subtree of `width` leaves, which divides the size."""
        carries = self._size // width
        while carries & 1:
            node = node_hash(self._nodes.pop(), node)
            carries >>= 1
        self._nodes.append(node)
        self._size += width

    def root(self) -> Hash:
        """Return the root over all leaves so far."""
        return fold_right(self._nodes) if self._nodes else EMPTY_ROOT
