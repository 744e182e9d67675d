"""Everything is killed by SIGKILL at random moments, under load from the shipped client; nothing promised is lost.

After each round and at the end: each receipt that a client holds promises a leaf that stands there, the leaves are
one gapless chain, each checkpoint is signed over the root of the leaves under it, what was seen once is still
there, and the head guard is on the same history. At the end also: each event that a client took over is in the
ledger once, guard and database agree, and `ledger_verify --mode full` finds nothing.

COUNTERSIGN_KILLS says how many kills, COUNTERSIGN_SEED repeats the choices of a run, COUNTERSIGN_KILLS_REPORT names
a file for the counts; what the processes said is copied beside it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom

import psycopg
import pytest

from ledger.core.head_guard import GuardState
from ledger.storage.guards import FileGuard
from tests.support.installation import Installation, installed, until
from tests.support.killing import chosen, kill_one
from tests.support.ledger_walk import Walk, events_of
from tests.support.load import Loading, loaded, tenant

STREAMS = ("one", "two", "three")
BATCHES = (200, 1)
EVENTS_A_SECOND = 25.0
A_ROUND = 20
LONGEST_PAUSE_S = 0.8
PROGRESS = 5


@dataclass
class Fire:
    """An installation under load, who kills in it, and what has been seen of it."""

    where: Installation
    clients: list[Loading]
    walks: dict[str, Walk]
    numbers: Random
    kills: Counter[str] = field(default_factory=Counter)

    def round(self, kills: int) -> None:
        """That many kills, then progress at every client, then a look at everything."""
        while kills:
            kills -= self.kill(chosen(self.numbers))
            self.tend()
            time.sleep(self.numbers.uniform(0.02, LONGEST_PAUSE_S))
        self.recovers()
        self.look()

    def kill(self, kind: str) -> bool:
        if kind == "everything":
            self.where.kill()
            self.where.start()
            done = True
        elif kind == "broker":
            self.where.broker.kill()
            self.where.broker.start()
            done = True
        elif kind == "client":
            done = self.numbers.choice(self.clients).kill()
        else:
            done = kill_one(self.where, kind, self.numbers)
        self.kills[kind] += done
        return done

    def tend(self) -> None:
        for client in self.clients:
            client.tend()
        assert self.where.alive(), f"the supervisor ended: {self.where.tail()}"

    def recovers(self) -> None:
        """Each client is given receipts again, by itself."""
        for client in self.clients:
            client.receipts()
        counts = [len(client.held) for client in self.clients]

        def further() -> bool:
            self.tend()
            for client in self.clients:
                client.receipts()
            pairs = zip(self.clients, counts, strict=True)
            return all(len(client.held) >= before + PROGRESS for client, before in pairs)

        until(further, lambda: f"receipts beyond {counts}; {self.where.ready()}\n{self.where.tail()}")

    def guards(self) -> dict[str, GuardState]:
        guard = FileGuard(self.where.guard)
        return {origin: guard.read(origin) for origin in self.walks}

    def look(self) -> None:
        """Receipts and guard are read first: what they name was committed before."""
        for client in self.clients:
            client.receipts()
            assert client.accusations() == []
        guards, counts = self.guards(), [len(client.held) for client in self.clients]
        self.patiently_read()
        for origin, walk in self.walks.items():
            walk.holds(guards[origin])
        for client, count in zip(self.clients, counts, strict=True):
            self.walks[client.stream.origin].holds_receipts(client.held[client.compared : count])
            client.compared = count

    def patiently_read(self) -> None:
        """The database may just be recovering; what was read then is read again."""

        def read() -> bool:
            with contextlib.suppress(psycopg.OperationalError):
                for walk in self.walks.values():
                    walk.look(self.where.clone.runtime_url)
                return True
            return False

        until(read, lambda: f"the database; {self.where.tail()}", self.where.alive)


@pytest.fixture
def fire() -> Iterator[Fire]:
    seed = int(os.environ.get("COUNTERSIGN_SEED") or SystemRandom().getrandbits(32))
    sys.stdout.write(f"\nCOUNTERSIGN_SEED={seed}\n")
    with installed() as where:
        token, streams = tenant(where, *STREAMS)
        walks = {one.origin: Walk(one.origin, one.vkey) for one in streams}
        with loaded(where, token, streams, BATCHES, EVENTS_A_SECOND) as clients:
            yield Fire(where, clients, walks, Random(seed))  # noqa: S311 - must be repeatable


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


def settle(fire: Fire) -> None:
    """Clients send what waits; then one start in order, after which guard and database agree."""
    for client in fire.clients:
        client.drain()
    fire.where.stop()
    fire.where.start()

    def agreed() -> bool:
        fire.look()
        return all(walk.settled(fire.guards()[origin]) for origin, walk in fire.walks.items())

    until(agreed, lambda: str(fire.guards()))


def check_everything(fire: Fire) -> None:
    """From the first leaf on, by readers that remember nothing."""
    for origin, walk in fire.walks.items():
        again = Walk(origin, walk.vkey)
        again.look(fire.where.clone.runtime_url)
        assert again.leaves == walk.leaves
        mine = [client for client in fire.clients if client.stream.origin == origin]
        for client in mine:
            again.holds_receipts(client.held)
        found = Counter(events_of(fire.where.clone.runtime_url, origin))
        assert max(found.values()) == 1, "an event stands twice"
        ids = {event_id for _, event_id in found}
        assert {one for client in mine for one in client.taken_over()} <= ids, "an event that was taken over is lost"
        assert sum(len(client.held) for client in mine) == len(found), "not every event is receipted"
    report = fire.where.command("ledger_verify", "--mode", "full")
    assert report["outcome"] == "verified", json.dumps(report)


def tell(fire: Fire, seconds: float) -> None:
    """The counts, for whoever wants to know how hard it was."""
    told = {
        "kills": fire.kills.total(), "seconds": round(seconds), "by victim": dict(fire.kills),
        "receipts held": sum(len(client.held) for client in fire.clients),
        "leaves walked": sum(len(walk.leaves) for walk in fire.walks.values()),
        "checkpoints": sum(len(walk.notes) for walk in fire.walks.values()),
    }  # fmt: skip
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    if place := os.environ.get("COUNTERSIGN_KILLS_REPORT"):
        Path(place).write_text(json.dumps(told, indent=1) + "\n")
        shutil.copy(fire.where.root / "output.log", f"{place}.log")


@pytest.mark.long
def test_a_thousand_kills_lose_nothing(fire: Fire) -> None:
    survive(fire, int(os.environ.get("COUNTERSIGN_KILLS", "1000")))


def test_ten_kills_lose_nothing(fire: Fire) -> None:
    survive(fire, 10)
