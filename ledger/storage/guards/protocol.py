"""What every head guard can do. Backends are written natively; this only names what they have in common.

Guarantees asked of a backend: what a call has answered survives a power failure of the guard's own machine;
two calls at once take effect one after the other; an answer that was lost is found out by reading again.
"""

from __future__ import annotations

from typing import Protocol

from ledger.core.head_guard import GuardHead, GuardState, Knows, Receipted, Swap
from ledger.core.types import Hash


class HeadGuard(Protocol):
    """Every method raises HeadGuardUnreachable; those on a state HeadGuardMissing and HeadGuardCorrupt."""

    def create(self, origin: str) -> bool:
        """Make the empty state of `origin` before its genesis leaf; False where a state is there already.

        After a lost answer it may be ours: who finds the empty state there may go on as if it had made it.
        """

    def read(self, origin: str) -> GuardState:
        """What is held now."""

    def advance_receipted(self, origin: str, size: int, leaf_hash: Hash, knows: Knows) -> Receipted:
        """Move `receipted` forward to leaf `size` - 1; returns what is held then, which may be further on.

        `knows` is asked about what was held before; raises HeadGuardConflict where it does not know it.
        """

    def swap_head(self, origin: str, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash, knows: Knows) -> Swap:
        """Replace the head, and move `receipted` to the last leaf of `new`, in one write.

        CONFLICT changes nothing: another head is held, or a leaf that `knows` does not know.
        """
