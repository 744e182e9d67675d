"""The two ways a guard's document changes, between reading it and writing it back.

Guarantees that nothing is written on top of a leaf which the caller's database does not hold: a process that
slept through a restore cannot promise anything on the branch that is gone.
"""

from __future__ import annotations

from ledger.core.head_guard import GuardHead, GuardState, Knows, Receipted, Swap, advanced, decode, swapped
from ledger.core.types import Hash
from ledger.errors import LedgerError
from ledger.storage.guards.errors import HeadGuardConflict, HeadGuardCorrupt


def state_of(origin: str, data: bytes) -> GuardState:
    """The state in the stored bytes; raises HeadGuardCorrupt."""
    try:
        return decode(origin, data)
    except LedgerError as error:
        raise HeadGuardCorrupt("The guard's document cannot be read", why=str(error)) from error


def after_advance(held: GuardState, new: Receipted, knows: Knows) -> tuple[Receipted, GuardState]:
    """What is receipted then, and the state to write; raises HeadGuardConflict."""
    moved = advanced(held, new)
    if moved is None or moved.receipted is None or not _known(held, knows):
        raise HeadGuardConflict("The guard holds a leaf which the database does not hold", why=_told(held))
    return moved.receipted, moved


def after_swap(
    held: GuardState, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash, knows: Knows
) -> tuple[Swap, GuardState]:
    """How the swap ends, and the state to write."""
    outcome, state = swapped(held, expected, new, leaf_hash)
    return (outcome, state) if outcome is not Swap.SWAPPED or _known(held, knows) else (Swap.CONFLICT, held)


def _known(held: GuardState, knows: Knows) -> bool:
    return held.receipted is None or knows(held.receipted)


def _told(held: GuardState) -> str:
    receipted = held.receipted
    return f"size {receipted.size}, leaf {receipted.leaf_hash.hex()}" if receipted else "nothing"
