"""Hashes of RFC 6962 trees: leaves, nodes, roots and the perfect subtrees proofs are made of.

Guarantees the domain separation of RFC 6962, section 2.1 (0x00 before entries, 0x01 before pairs), and that
a tree splits at the largest power of two below its size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import islice
from typing import Final, TypeAlias, cast

from ledger.core.types import HASH_BYTES, Hash
from ledger.errors import ProofMalformed

EMPTY_ROOT: Final = Hash(sha256(b"").digest())
"""Root of the tree without leaves."""

_NODE: Final = sha256(b"\x01")
"""What every node begins with; copied, never updated."""
_PAIR: Final = 2 * HASH_BYTES
_WIDTH_BITS: Final = HASH_BYTES.bit_length() - 1

LARGEST_SIZE: Final = 2**63 - 1
"""No tree has more leaves: sizes travel as signed 64-bit numbers."""

NodeReader: TypeAlias = Callable[[int, int], Hash]
"""(level, index) -> hash of the perfect subtree over the leaves [index << level, (index + 1) << level)."""


def leaf_hash(entry: bytes) -> Hash:
    """Return SHA-256(0x00 || entry) (RFC 6962, section 2.1)."""
    return Hash(sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return SHA-256(0x01 || left || right) (RFC 6962, section 2.1)."""
    return Hash(sha256(b"\x01" + left + right).digest())


def root(leaves: Sequence[Hash]) -> Hash:
    """Return the root over leaf hashes of 32 bytes each (RFC 6962, section 2.1)."""
    if not leaves:
        return EMPTY_ROOT
    level = leaves
    while len(level) > 1:
        level = parents(level, keep_odd=True)
    return level[0]


def parents(level: Sequence[Hash], *, keep_odd: bool) -> list[Hash]:
    """Return the next level; a last node without a sibling rises unchanged (`keep_odd`) or is left out."""
    pairs = zip(islice(level, 0, None, 2), islice(level, 1, None, 2), strict=False)
    above = cast("list[Hash]", [sha256(b"\x01" + left + right).digest() for left, right in pairs])
    if keep_odd and len(level) % 2:
        above.append(level[-1])
    return above


def split(count: int) -> int:
    """Return the largest power of two below `count`, which is at least 2 (RFC 6962, section 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def subtree(start: int, end: int, read: NodeReader) -> Hash:
    """Return the root over the leaves [start, end) of a larger tree, from its perfect subtrees.

    `start` must be a multiple of the largest power of two that is not above `end - start`.
    """
    nodes = [read(level, index) for level, index in perfect_subtrees(start, end)]
    return fold_right(nodes)


def perfect_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Return (level, index) of the perfect subtrees that tile [start, end), the largest first."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def fold_right(nodes: Sequence[Hash]) -> Hash:
    """Return the root over perfect subtrees given left to right, each smaller than the one before."""
    folded = nodes[-1]
    for node in reversed(nodes[:-1]):
        folded = node_hash(node, folded)
    return folded


def reader_of(leaves: Sequence[Hash]) -> NodeReader:
    """Return a reader over leaf hashes in memory; each level is computed once, when first asked for.

    The reader raises IndexError for a subtree that is not wholly inside the leaves.
    """
    levels: list[Sequence[Hash]] = [leaves]

    def read(level: int, index: int) -> Hash:
        if level < 0 or index < 0 or (index + 1) << level > len(leaves):
            message = f"no perfect subtree {index} at level {level} over {len(leaves)} leaves"
            raise IndexError(message)
        while len(levels) <= level:
            levels.append(parents(levels[-1], keep_odd=False))
        return levels[level][index]

    return read


def joined_reader_of(leaves: bytes) -> NodeReader:
    """Return the same for leaf hashes one behind the other, as tiles hold them: a third quicker for a few hundred."""
    levels = [leaves]

    def read(level: int, index: int) -> Hash:
        if level < 0 or index < 0 or (index + 1) << level + _WIDTH_BITS > len(leaves):
            message = f"no perfect subtree {index} at level {level} over {len(leaves) // HASH_BYTES} leaves"
            raise IndexError(message)
        while len(levels) <= level:
            levels.append(_joined_parents(levels[-1]))
        return Hash(levels[level][index * HASH_BYTES : (index + 1) * HASH_BYTES])

    return read


def _joined_parents(level: bytes) -> bytes:
    """The next level; a last node without a sibling is left out."""
    found = []
    for at in range(0, len(level) - _PAIR + 1, _PAIR):
        node = _NODE.copy()
        node.update(level[at : at + _PAIR])
        found.append(node.digest())
    return b"".join(found)


def require_hashes(what: str, *hashes: bytes) -> None:
    """Raise ProofMalformed unless every hash is 32 bytes; `what` names them to the reader."""
    for place, value in enumerate(hashes):
        if len(value) != HASH_BYTES:
            raise malformed(f"Hash {place} of the {what} has {len(value)} bytes", "SHA-256 gives 32 bytes")


def require_shape(expected: int, found: int, why: str) -> None:
    """Raise ProofMalformed unless a proof has exactly as many hashes as its sizes demand."""
    if found != expected:
        raise malformed(f"The proof has {found} hashes where {expected} belong", why)


def malformed(what: str, why: str) -> ProofMalformed:
    """Return the refusal of a proof, or of a request for one, whose shape cannot belong to its sizes."""
    return ProofMalformed(
        what, why=why, next_step="Ask for the proof again and check index and sizes against the checkpoint."
    )
