"""Consistency proofs: the larger tree only appends to the smaller (RFC 6962, section 2.1.2; RFC 9162, 2.1.4).

Guarantees that nothing verifies with missing or extra hashes, and that an old size of 0 is refused: anything
extends an empty tree, so such a proof would say nothing. A witness decides that case by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.core.merkle.hashing import (
    LARGEST_SIZE,
    malformed,
    node_hash,
    require_hashes,
    require_shape,
    split,
    subtree,
)
from ledger.errors import ConsistencyInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.core.merkle.hashing import NodeReader
    from ledger.core.types import Hash


def consistency_proof(old: int, new: int, read: NodeReader) -> list[Hash]:
    """Return the hashes that show the tree of `old` leaves inside that of `new` leaves.

    Empty for equal sizes and for an empty old tree. Raises ProofMalformed when `old` is above `new`. Rule:
    PROOF(m, D[n]) of RFC 6962, section 2.1.2.
    """
    if not 0 <= old <= new <= LARGEST_SIZE:
        raise malformed(f"A tree of {old} cannot be inside one of {new}", "trees only grow")
    if old in (0, new):
        return []
    start, end, proof = 0, new, []
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            proof.append(subtree(middle, end, read))
            end = middle
        else:
            proof.append(subtree(start, middle, read))
            start = middle
    if start:
        proof.append(subtree(start, end, read))
    return proof[::-1]


def verify_consistency(old: int, new: int, proof: Sequence[Hash], old_root: Hash, new_root: Hash) -> None:
    """Raise unless the tree of `new` leaves extends the tree of `old` leaves.

    Raises ProofMalformed for sizes and shapes that cannot be (an `old` of 0 too), ConsistencyInvalid for
    other roots. Rule: RFC 9162, section 2.1.4.2.
    """
    _require_sizes(old, new)
    require_hashes("roots", old_root, new_root)
    require_hashes("proof", *proof)
    if old == new:
        require_shape(0, len(proof), "equal sizes need no proof")
        found = (new_root, new_root)
    else:
        found = _roots(old, new, proof, old_root)
    if found != (old_root, new_root):
        raise ConsistencyInvalid(
            f"The tree of {new} does not extend the tree of {old}",
            why="the proof does not lead to both roots",
        )


def _require_sizes(old: int, new: int) -> None:
    if old == 0:
        raise malformed("An old size of 0 proves nothing", "every tree extends the empty one")
    if not 0 < old <= new <= LARGEST_SIZE:
        raise malformed(f"A tree of {old} cannot be inside one of {new}", "trees only grow")


def _roots(old: int, new: int, proof: Sequence[Hash], old_root: Hash) -> tuple[Hash, Hash]:
    """Return both roots that the proof yields."""
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    path = list(proof) if node else [old_root, *proof]
    moves = _moves(node, last)
    require_shape(len(moves) + 1, len(path), f"sizes {old} and {new} fix the number of hashes")
    small = large = path[0]
    for in_both, sibling in zip(moves, path[1:], strict=True):
        if in_both:
            small, large = node_hash(sibling, small), node_hash(sibling, large)
        else:
            large = node_hash(large, sibling)
    return small, large


def _moves(node: int, last: int) -> list[bool]:
    """Tell for each hash after the first whether it stands left, and so is part of both trees."""
    moves = []
    while last:
        if node & 1:
            moves.append(True)
        elif node < last:
            moves.append(False)
        node, last = node >> 1, last >> 1
    return moves
