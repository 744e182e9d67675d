"""A daemon of our own that runs beside a test, over a governed directory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.evidenceos.safe_order import Step, order_of
from governance.evidenceos.core.directory import LOCK
from governance.evidenceos.selectors.canaries import canaries
from governance.evidenceos.selectors.events import events
from governance.evidenceos.selectors.files import PlanView, plan_of, sightings
from governance.evidenceos.selectors.targets import TargetView
from tests.support.evidenceos_files import directory
from tests.support.evidenceos_target import adopted, put
from tests.support.world import found_platform

SCRIPT = Path(__file__).with_name("evidenceos_daemon.py")
NAME = Path(sys.executable).name


class Running:
    """`root` is its directory, `pid` its pid file, `log` its log; started by `start`, ended by `stop` or `kill`."""

    def __init__(self, place: Path) -> None:
        """Below `place`."""
        self.root, self.pid, self.log = place / "data", place / "daemon.pid", place / "daemon.log"
        self.root.mkdir()
        put(self.root, directory())
        (self.root / LOCK).unlink(missing_ok=True)
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, mode: str = "") -> None:
        """Start it, and wait until it holds the directory."""
        before = self.lines("event=started")
        words = [sys.executable, str(SCRIPT), str(self.root), str(self.pid), str(self.log), *([mode] if mode else [])]
        self.child = subprocess.Popen(words)
        until(lambda: self.lines("event=started") > before)

    def stop(self) -> None:
        """End it in order: it gives its lock back."""
        if self.child is not None:
            self.child.terminate()
            self.child.wait()
            self.child = None

    def kill(self) -> None:
        """End it at once: lock and pid file stay."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def lines(self, words: str) -> int:
        """How many lines of its log say this."""
        return sum(words in line for line in self.log.read_text().splitlines()) if self.log.exists() else 0

    def adopted(self, **settings: Any) -> TargetView:
        """The directory as a target whose log is known."""
        return adopted(self.root, **{"log_file": str(self.log), **settings})


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it holds; fails after a long time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def is_alive(number: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()[0] not in {b"Z", b"X"}


def running(place: Path) -> Iterator[Running]:
    """For a fixture: a directory whose daemon is ended with the test."""
    found_platform()
    made = Running(place)
    yield made
    made.kill()


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def view() -> PlanView:
    """How far what was decided has come."""
    found = plan_of("decided")
    assert found is not None
    return found


def reloading(one: TargetView) -> Step:
    """The third step of the safe order, as its page shows it."""
    order = order_of(one, view(), events(one, now()), canaries(one, now()), sightings(one))
    assert order[4].state != "pass" or order[2].state == "pass", "nobody goes on over a step that does not hold"
    return order[2]
