"""An installation under fire: loaded by clients, killed in, looked at again and again, and in the end in full."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg

from ledger.core.head_guard import GuardState
from ledger.storage.guards import open_guard
from ledger.storage.guards.errors import HeadGuardUnreachable
from tests.support.guard_servers import power_cut
from tests.support.installation import Installation, until
from tests.support.killing import chosen, kill_one
from tests.support.ledger_walk import Walk, events_of
from tests.support.load import Loading

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
            kills -= self.kill(chosen(self.numbers, also=["guard"] if self.where.guard_server else []))
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
        elif kind == "guard" and self.where.guard_server is not None:
            power_cut(self.where.guard_server)
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
        """What the head guard holds; a server that was killed may still be starting."""
        found: dict[str, GuardState] = {}

        def read() -> bool:
            with contextlib.suppress(HeadGuardUnreachable):
                guard = open_guard(self.where.guard_url)
                found.update({origin: guard.read(origin) for origin in self.walks})
                return True
            return False

        until(read, lambda: f"the head guard; {self.where.tail()}", self.where.alive)
        return found

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
        seen = len(walk.leaves)
        assert again.leaves[:seen] == walk.leaves
        assert {leaf.kind for leaf in again.leaves[seen:]} <= {"window"}, "only a window may be sealed meanwhile"
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
