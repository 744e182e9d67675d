"""The proof ladder: from one leaf, sibling by sibling, to the root that a log key signed; recomputed each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.core.merkle import inclusion_steps, leaf_hash
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.core.types import Hash


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: `sibling` stands at `side`, `result` is SHA-256(0x01, left, right)."""

    number: int
    side: str
    sibling: bytes
    before: bytes
    result: bytes

    @property
    def left(self) -> bytes:
        """What is hashed first."""
        return self.sibling if self.side == "left" else self.before

    @property
    def right(self) -> bytes:
        """What is hashed second."""
        return self.before if self.side == "left" else self.sibling


@dataclass(frozen=True, slots=True)
class Signature:
    """The last rung: the signed note, who signed it as `name+id`, and their verifier keys.

    With a `problem` nobody whom this log knows signed the note, and its root is worth nothing.
    """

    signers: tuple[str, ...] = ()
    vkeys: tuple[str, ...] = ()
    note: bytes = b""
    problem: str = ""

    @property
    def verified(self) -> bool:
        """Whether a log key valid at that size signed."""
        return bool(self.signers) and not self.problem


@dataclass(frozen=True, slots=True)
class Ladder:
    """The leaf, its rungs and both roots; `problem` is told where the path does not even fit the tree."""

    index: int
    size: int
    leaf: bytes
    leaf_hash: bytes
    rungs: tuple[Rung, ...]
    signed_root: bytes
    signature: Signature = field(default_factory=Signature)
    problem: str = ""

    @property
    def root(self) -> bytes:
        """The root that was recomputed."""
        return self.rungs[-1].result if self.rungs else self.leaf_hash

    @property
    def equal(self) -> bool:
        """Whether the recomputed root is that of the note."""
        return not self.problem and self.root == self.signed_root

    @property
    def holds(self) -> bool:
        """Whether the leaf leads to a root under a verified signature."""
        return self.equal and self.signature.verified

    @property
    def path(self) -> str:
        """The siblings in hex, for the browser's own recomputation."""
        return " ".join(rung.sibling.hex() for rung in self.rungs)


def ladder_of(
    leaf: bytes,
    index: int,
    size: int,
    hashes: Sequence[Hash],
    signed_root: bytes,
    signature: Signature | None = None,
) -> Ladder:
    """Recompute the path of `leaf` at `index` in the tree of `size` leaves; never raises for a wrong path.

    Without a `signature` that was verified, the ladder does not hold.
    """
    start = leaf_hash(leaf)
    rungs: list[Rung] = []
    problem = ""
    try:
        running: bytes = start
        for number, step in enumerate(inclusion_steps(index, size, start, hashes), start=1):
            rungs.append(Rung(number, step.side, step.sibling, running, step.result))
            running = step.result
    except LedgerError as wrong:
        problem = str(wrong)
    return Ladder(index, size, leaf, start, tuple(rungs), signed_root, signature or Signature(), problem)
