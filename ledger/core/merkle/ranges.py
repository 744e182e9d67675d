"""Range proofs: these leaves are the tree's leaves [start, end), none left out, none put in.

Guarantees the half-open range, and that a proof holds exactly the roots of the maximal subtrees (RFC 6962,
section 2.1) outside the range, from left to right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ledger.core.merkle import hashing
from ledger.core.merkle.hashing import (
    LARGEST_SIZE,
    malformed,
    node_hash,
    require_hashes,
    require_shape,
    split,
)
from ledger.errors import RangeRootMismatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.core.merkle.hashing import NodeReader
    from ledger.core.types import Hash

_Span: TypeAlias = tuple[int, int]


def range_proof(start: int, end: int, size: int, read: NodeReader) -> list[Hash]:
    """Return the hashes outside [start, end), left to right; empty for the whole tree.

    Raises ProofMalformed unless 0 <= start < end <= size.
    """
    _require_range(start, end, size)
    return [hashing.subtree(low, high, read) for low, high in _outside((start, end), (0, size))]


def root_from_range(start: int, leaves: Sequence[Hash], size: int, proof: Sequence[Hash]) -> Hash:
    """Return the root of the tree of `size` leaves that holds these leaf hashes from `start` on.

    Raises ProofMalformed when a hash is not 32 bytes, none is given, or the proof has not exactly the hashes
    that the range demands.
    """
    span = (start, start + len(leaves))
    _require_range(*span, size)
    require_hashes("leaves", *leaves)
    require_hashes("proof", *proof)
    expected = sum(1 for _ in _outside(span, (0, size)))
    require_shape(expected, len(proof), f"the range [{span[0]}, {span[1]}) of {size} fixes their number")
    return _root((0, size), span, leaves, iter(proof))


def verify_range(start: int, leaves: Sequence[Hash], size: int, proof: Sequence[Hash], root: Hash) -> None:
    """Raise unless the leaf hashes are exactly those from `start` on in the tree with this root.

    Raises ProofMalformed for a shape that cannot be, RangeRootMismatch for another root.
    """
    require_hashes("root", root)
    if root_from_range(start, leaves, size, proof) != root:
        raise RangeRootMismatch(
            f"Leaves {start} to {start + len(leaves) - 1} are not those of the tree of {size}",
            why="they and the proof do not give the signed root",
        )


def _require_range(start: int, end: int, size: int) -> None:
    if not 0 <= start < end <= size <= LARGEST_SIZE:
        raise malformed(f"No range [{start}, {end}) in a tree of {size}", "a range has leaves and lies inside")


def _outside(span: _Span, node: _Span) -> Iterator[_Span]:
    start, end = node
    if end <= span[0] or start >= span[1]:
        yield node
    elif not (span[0] <= start and end <= span[1]):
        middle = start + split(end - start)
        yield from _outside(span, (start, middle))
        yield from _outside(span, (middle, end))


def _root(node: _Span, span: _Span, leaves: Sequence[Hash], proof: Iterator[Hash]) -> Hash:
    start, end = node
    if end <= span[0] or start >= span[1]:
        return next(proof)
    if span[0] <= start and end <= span[1]:
        return hashing.root(leaves[start - span[0] : end - span[0]])
    middle = start + split(end - start)
    left = _root((start, middle), span, leaves, proof)
    return node_hash(left, _root((middle, end), span, leaves, proof))
