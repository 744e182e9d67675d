"""Everything is killed by SIGKILL at random moments, under load from the shipped client; nothing promised is lost.

After each round and at the end: each receipt that a client holds promises a leaf that stands there, the leaves are
one gapless chain, each checkpoint is signed over the root of the leaves under it, what was seen once is still
there, and the head guard is on the same history. At the end also: each event that a client took over is in the
ledger once, guard and database agree, and `ledger_verify --mode full` finds nothing.

COUNTERSIGN_KILLS says how many kills, COUNTERSIGN_SEED repeats the choices of a run, COUNTERSIGN_KILLS_REPORT names
a file for the counts; what the processes said is copied beside it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random, SystemRandom

import pytest

from tests.support.fire import Fire, check_everything, settle, tell
from tests.support.guard_servers import GuardServer, guard_server
from tests.support.installation import installed
from tests.support.ledger_walk import Walk
from tests.support.load import loaded, tenant

STREAMS = ("one", "two", "three")
BATCHES = (200, 1)
EVENTS_A_SECOND = 25.0
A_ROUND = 20


@contextmanager
def burning(guard: GuardServer | None = None) -> Iterator[Fire]:
    """An installation under load, its head guard in files or on that server."""
    seed = int(os.environ.get("COUNTERSIGN_SEED") or SystemRandom().getrandbits(32))
    sys.stdout.write(f"\nCOUNTERSIGN_SEED={seed}\n")
    with installed(guard_server=guard) as where:
        token, streams = tenant(where, *STREAMS)
        walks = {one.origin: Walk(one.origin, one.vkey) for one in streams}
        with loaded(where, token, streams, BATCHES, EVENTS_A_SECOND) as clients:
            yield Fire(where, clients, walks, Random(seed))  # noqa: S311 - must be repeatable


@pytest.fixture
def fire() -> Iterator[Fire]:
    with burning() as found:
        yield found


def survive(fire: Fire, kills: int) -> None:
    fire.recovers()
    began, left = time.monotonic(), kills
    while left:
        now = min(left, A_ROUND)
        fire.round(now)
        left -= now
        tell(fire, time.monotonic() - began)
    settle(fire)
    check_everything(fire)


@pytest.mark.long
def test_a_thousand_kills_lose_nothing(fire: Fire) -> None:
    survive(fire, int(os.environ.get("COUNTERSIGN_KILLS", "1000")))


def test_ten_kills_lose_nothing(fire: Fire) -> None:
    survive(fire, 10)


@pytest.mark.long
@pytest.mark.optional
@pytest.mark.parametrize("kind", ["redis", "s3"])
def test_kills_lose_nothing_with_the_guard_on_a_server_that_is_killed_too(kind: str, tmp_path: Path) -> None:
    with guard_server(kind, tmp_path / "guard") as server, burning(server) as fire:
        fire.kill("guard")
        survive(fire, int(os.environ.get("COUNTERSIGN_KILLS", "100")))
        assert fire.kills["guard"] > 1
