"""A guard in memory: for tests and benchmarks of one process. Nothing survives it."""

from __future__ import annotations

from threading import Lock

from ledger.core.head_guard import GuardHead, GuardState, Knows, Receipted, Swap, encode
from ledger.core.types import Hash
from ledger.storage.guards.errors import HeadGuardMissing
from ledger.storage.guards.moves import after_advance, after_swap, state_of


class MemoryGuard:
    """A dictionary of the same documents as the durable backends; `held` may be copied and put back."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self._lock = Lock()

    def create(self, origin: str) -> bool:
        """See HeadGuard."""
        with self._lock:
            fresh = origin not in self.held
            self.held.setdefault(origin, encode(origin, GuardState()))
        return fresh

    def read(self, origin: str) -> GuardState:
        """See HeadGuard."""
        try:
            return state_of(origin, self.held[origin])
        except KeyError as error:
            raise HeadGuardMissing("There is no guard for this origin", why=origin) from error

    def advance_receipted(self, origin: str, size: int, leaf_hash: Hash, knows: Knows) -> Receipted:
        """See HeadGuard."""
        with self._lock:
            held, state = after_advance(self.read(origin), Receipted(size, leaf_hash), knows)
            self.held[origin] = encode(origin, state)
        return held

    def swap_head(self, origin: str, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash, knows: Knows) -> Swap:
        """See HeadGuard."""
        with self._lock:
            outcome, state = after_swap(self.read(origin), expected, new, leaf_hash, knows)
            self.held[origin] = encode(origin, state)
        return outcome
