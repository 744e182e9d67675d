"""The supervisor as an operator meets it: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from console.supervisor import registry
from console.supervisor.layout import Layout
from tests.support.server import ROOT

PATIENCE_SECONDS = 120.0


def until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what()}"
        time.sleep(0.05)


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    port: int
    state: Path
    output: Path

    def spoken(self) -> str:
        """What it has said when it has ended. A file, no pipe: nobody reads along."""
        self.process.wait(PATIENCE_SECONDS)
        return self.output.read_text()

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def family(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def child(self, word: str) -> psutil.Process | None:
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # also a zombie's
                if any(word in part for part in child.cmdline()):
                    return child
        return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(state: Path) -> dict[str, str]:
    own = ("COUNTERSIGN_", "DATABASE_", "DJANGO_", "REDIS_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return {**kept, "COUNTERSIGN_STATE_DIR": str(state)}


def serve(state: Path, port: int) -> Served:
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    output = state.parent / f"{port}.log"
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(state), stdout=file, stderr=file)
    return Served(process, port, state, output)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("state") / "var"
    yield place
    registry.end_leftovers(place / "run")
    Layout.at(place).wipe()  # as root the database lies outside of pytest's private directories


@pytest.fixture
def served(state: Path) -> Iterator[Served]:
    running = serve(state, free_port())
    until(lambda: running.answers() or running.process.poll() is not None, running.output.read_text)
    assert running.process.poll() is None
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(PATIENCE_SECONDS)


def left(family: list[psutil.Process]) -> list[str]:
    alive = []
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):  # also a zombie's
            alive += [" ".join(member.cmdline())] if member.is_running() else []
    return [line for line in alive if line]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_takes_every_child_down_with_itself(served: Served, number: signal.Signals) -> None:
    family = served.family()
    assert len(family) >= 4
    served.process.send_signal(number)
    assert served.process.wait(PATIENCE_SECONDS) == 0
    assert left(family) == []


def test_it_starts_a_crashed_child_again_and_says_so(served: Served) -> None:
    before = served.child("granian")
    assert before is not None
    before.kill()
    until(
        lambda: (served.child("granian") or before).pid != before.pid and served.answers(),
        lambda: "the web server to come back",
    )
    served.process.terminate()
    assert "web ended with exit code -9; starting it again" in served.spoken()


def test_a_database_that_is_killed_while_it_recovers_is_started_again(served: Served) -> None:
    for _ in range(3):
        until(lambda: served.child("postgres") is not None, lambda: "the database server")
        database = served.child("postgres")
        assert database is not None
        database.kill()
        until(lambda gone=database: not gone.is_running(), lambda: "its end")  # type: ignore[misc]  # bound at once
    until(lambda: ready(served.port), lambda: "readiness")
    assert served.process.poll() is None


def ready(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def test_killed_outright_it_leaves_nobody_behind(served: Served) -> None:
    family = served.family()
    served.process.kill()
    served.process.wait()
    until(lambda: left(family) == [], lambda: f"the end of {left(family)}")


def test_a_second_supervisor_on_the_same_state_is_refused(served: Served) -> None:
    second = serve(served.state, free_port())
    assert "Another supervisor already runs" in second.spoken()
    assert second.process.returncode == 1


def test_a_taken_port_is_refused_with_its_next_step(state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = serve(state, taken.getsockname()[1])
        assert "Next: choose another one" in refused.spoken()
    assert refused.process.returncode == 1
