"""Inclusion proofs: this leaf is in the tree with this root (RFC 6962, 2.1.1; RFC 9162, 2.1.3).

Guarantees that a proof verifies only with exactly the hashes its index and size demand, each 32 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ledger.core.merkle.hashing import (
    LARGEST_SIZE,
    malformed,
    node_hash,
    require_hashes,
    require_shape,
    split,
    subtree,
)
from ledger.errors import InclusionInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.core.merkle.hashing import NodeReader
    from ledger.core.types import Hash


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the proof ladder: where the sibling stands, and the hash of both together."""

    side: Literal["left", "right"]
    sibling: Hash
    result: Hash


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[Hash]:
    """Return the hashes from the leaf's sibling up to the root's child.

    `index` counts leaves from 0, `size` is the tree's. Raises ProofMalformed when the leaf is not in the
    tree. Rule: PATH(m, D[n]) of RFC 6962, section 2.1.1.
    """
    _require_inside(index, size)
    start, end, proof = 0, size, []
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            proof.append(subtree(middle, end, read))
            end = middle
        else:
            proof.append(subtree(start, middle, read))
            start = middle
    return proof[::-1]


def inclusion_steps(index: int, size: int, leaf: Hash, proof: Sequence[Hash]) -> list[Step]:
    """Return every rung from the leaf hash to the root; the last `result` is the root.

    Empty for the only leaf of a tree. Raises ProofMalformed. Rule: RFC 9162, section 2.1.3.2.
    """
    _require_inside(index, size)
    require_hashes("leaf", leaf)
    require_hashes("proof", *proof)
    sides = _sides(index, size)
    require_shape(len(sides), len(proof), f"leaf {index} of {size} has one place in the tree")
    steps: list[Step] = []
    result = leaf
    for side, sibling in zip(sides, proof, strict=True):
        result = node_hash(sibling, result) if side == "left" else node_hash(result, sibling)
        steps.append(Step(side, sibling, result))
    return steps


def verify_inclusion(index: int, size: int, leaf: Hash, proof: Sequence[Hash], root: Hash) -> None:
    """Raise unless the leaf hash is at `index` in the tree of `size` leaves with this root.

    Raises ProofMalformed for a shape that cannot be, InclusionInvalid for another root. Rule: RFC 9162,
    section 2.1.3.2.
    """
    require_hashes("root", root)
    steps = inclusion_steps(index, size, leaf, proof)
    if (steps[-1].result if steps else leaf) != root:
        raise InclusionInvalid(
            f"Leaf {index} is not in the tree of {size}",
            why="the path from the leaf does not end in the signed root",
        )


def _require_inside(index: int, size: int) -> None:
    if not 0 <= index < size <= LARGEST_SIZE:
        raise malformed(f"No leaf {index} in a tree of {size}", "indices count from 0 and end below the size")


def _sides(index: int, size: int) -> list[Literal["left", "right"]]:
    """Return the side of each sibling, lowest first; the index's bits say it wherever a sibling exists."""
    sides: list[Literal["left", "right"]] = []
    last = size - 1
    while last:
        if index & 1:
            sides.append("left")
        elif index < last:
            sides.append("right")
        index, last = index >> 1, last >> 1
    return sides
