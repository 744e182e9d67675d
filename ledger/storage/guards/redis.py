"""Redis as a head guard: an instance of its own, one key for each origin.

Guarantees that a document is replaced only while it is byte for byte the one that was read (a script
compares and sets), and that the instance syncs every write before it answers and evicts nothing; one that
does not, or does not tell, is refused at start. A lost answer is found out by reading again: documents never
return to an earlier form, so a script that arrives late changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as TimedOut
from redis.retry import Retry

from ledger.core.head_guard import GuardHead, GuardState, Knows, Receipted, Swap, encode
from ledger.core.types import Hash
from ledger.storage.guards.errors import HeadGuardCorrupt, HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.moves import after_advance, after_swap, state_of

PREFIX: Final = "countersign:guard:"
WAIT_S: Final = 5.0
ATTEMPTS: Final = 64
_LOST_ANSWERS: Final = 2
_SWAP: Final = """
local held = redis.call('GET', KEYS[1])
if held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
_NEEDED: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
Answer = TypeVar("Answer")


class RedisGuard:
    """Documents under `countersign:guard:<origin>`."""

    def __init__(self, url: str, *, wait_s: float = WAIT_S) -> None:
        """Connect and check; raises HeadGuardUnreachable."""
        # The client repeats nothing by itself: whether a write may be repeated is decided here.
        retry = Retry(NoBackoff(), 0)
        self._client: Any = redis.Redis.from_url(url, socket_timeout=wait_s, socket_connect_timeout=wait_s, retry=retry)
        self.check()

    def check(self) -> None:
        """Raise HeadGuardUnreachable unless every write is synced before its answer, and nothing evicted."""
        with _unreachable():
            told = {name: self._client.config_get(name).get(name) for name in _NEEDED}
            role = self._client.info("replication").get("role")
        wrong = [f"{name} is {told[name]}" for name, value in _NEEDED.items() if told[name] != value]
        if role != "master":
            wrong.append(f"the role is {role}")
        if wrong:
            needed = ", ".join(f"{name} {value}" for name, value in _NEEDED.items())
            raise HeadGuardUnreachable(
                "This Redis cannot be a guard", why="; ".join(wrong), next_step=f"Set {needed}, and restart."
            )

    def create(self, origin: str) -> bool:
        """See HeadGuard."""
        with _unreachable():
            return bool(self._client.set(PREFIX + origin, encode(origin, GuardState()), nx=True))

    def read(self, origin: str) -> GuardState:
        """See HeadGuard."""
        return state_of(origin, self._bytes(origin))

    def advance_receipted(self, origin: str, size: int, leaf_hash: Hash, knows: Knows) -> Receipted:
        """See HeadGuard."""
        new = Receipted(size, leaf_hash)
        return self._change(origin, lambda held: after_advance(held, new, knows))

    def swap_head(self, origin: str, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash, knows: Knows) -> Swap:
        """See HeadGuard."""
        return self._change(origin, lambda held: after_swap(held, expected, new, leaf_hash, knows))

    def _change(self, origin: str, change: Callable[[GuardState], tuple[Answer, GuardState]]) -> Answer:
        """Read, change, compare and set, until it was set; every round that is lost, another writer won."""
        lost = 0
        for _ in range(ATTEMPTS):
            before = self._bytes(origin)
            answer, state = change(state_of(origin, before))
            after = encode(origin, state)
            try:
                if after == before or self._swap(origin, before, after):
                    return answer
            except (Disconnected, TimedOut) as error:
                lost += 1
                if lost > _LOST_ANSWERS:
                    raise HeadGuardUnreachable("The guard does not answer", why=str(error)) from error
        raise HeadGuardUnreachable("The guard is written by too many at once", why=f"{ATTEMPTS} rounds lost")

    def _swap(self, origin: str, before: bytes, after: bytes) -> bool:
        try:
            return bool(self._client.eval(_SWAP, 1, PREFIX + origin, before, after))
        except (Disconnected, TimedOut):
            raise
        except RedisError as error:
            raise HeadGuardUnreachable("The guard refuses to be written", why=str(error)) from error

    def _bytes(self, origin: str) -> bytes:
        try:
            with _unreachable():
                held: bytes | None = self._client.get(PREFIX + origin)
        except ResponseError as error:
            raise HeadGuardCorrupt("The guard's key holds no document", why=str(error)) from error
        if held is None:
            raise HeadGuardMissing("There is no guard for this origin", why=origin)
        return held


@contextmanager
def _unreachable() -> Iterator[None]:
    try:
        yield
    except ResponseError as error:
        if str(error).startswith("WRONGTYPE"):
            raise
        raise HeadGuardUnreachable("The guard refuses to answer", why=str(error)) from error
    except RedisError as error:
        raise HeadGuardUnreachable("The guard does not answer", why=str(error)) from error
