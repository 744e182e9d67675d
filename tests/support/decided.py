"""A deployment that needs decisions, and threads that wait behind a transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from django.db import connections, transaction

from governance.change.types import TYPES
from ledger.core.types import JSONObject
from ledger.selectors.streams import stream
from ledger.services.governed import begin, carrying_out
from tests.support.people import planted_founding

T = TypeVar("T")
DECISION = "0198c0de-0000-7000-8000-000000000001"
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def named_in_a_leaf(decision: str = DECISION) -> JSONObject:
    """How a leaf names the change that it follows."""
    return {"origin": stream("_governance", "changes").origin, "change": decision}


@contextmanager
def decided(decision: str = DECISION, *kinds: str) -> Iterator[str]:
    """A transaction in which `decision` is carried out as the engine does it, as these kinds (none named: as any)."""
    with transaction.atomic(), carrying_out(decision, *(kinds or (one.name for one in TYPES))):
        yield decision


def founded() -> None:
    """From here on decisions are needed, in the ledger and in identity."""
    planted_founding()
    founded_ledger()


def founded_ledger() -> None:
    """The ledger's part of it."""
    with transaction.atomic():
        begin("genesis", index=0, genesis="0" * 64, at=datetime.now(UTC))


def behind(act: Callable[[], object], other: Callable[[], T], seconds: float = 20.0) -> Future[T]:
    """Run `other` in a thread while the transaction of `act` is open, commit once it waits for a lock, and wait for
    it.
    """

    def closing() -> T:
        try:
            return other()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            act()
            done = pool.submit(closing)
            end = time.monotonic() + seconds
            while not _waits():
                assert time.monotonic() < end, "the other never waited for the lock"
                assert not done.done(), done.exception()
                time.sleep(0.01)
        done.exception(seconds)
    return done


def _waits() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WAITING)
        row = cursor.fetchone()
    return row is not None and row[0] > 0
