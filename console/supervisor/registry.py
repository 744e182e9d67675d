"""What one supervisor leaves for the next: a lock while it lives, and a list of its children.

A process is known by number and start time together, so that a number used again is never mistaken for ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LIST = "children.json"
END_SECONDS = 10.0


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this state directory."""


@contextlib.contextmanager
def exclusive(run: Path) -> Iterator[None]:
    """Hold the state directory; the kernel releases the lock however this process ends."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"Another supervisor already runs on {run.parent}."
            raise AlreadyRunning(f"{message} Next: stop it, or set COUNTERSIGN_STATE_DIR to another place.") from None
        yield


def note(run: Path, pids: Iterable[int]) -> None:
    """Write down the children that live now."""
    facts = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            facts.append({"pid": pid, "started": psutil.Process(pid).create_time()})
    draft = run / f"{LIST}.new"
    draft.write_text(json.dumps(facts))
    draft.replace(run / LIST)


def forget(run: Path) -> None:
    """All children have ended."""
    (run / LIST).unlink(missing_ok=True)


def end_leftovers(run: Path) -> None:
    """End the process groups that a killed supervisor left: first in order, then at once."""
    try:
        facts = json.loads((run / LIST).read_text())
    except (FileNotFoundError, ValueError):
        return
    left = [process for fact in facts if (process := _same(fact["pid"], fact["started"])) is not None]
    for process in left:
        _signal_group(process, signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, stubborn = psutil.wait_procs(left, timeout=END_SECONDS)
    for process in stubborn:
        _signal_group(process, signal.SIGKILL)
    forget(run)


def _same(pid: int, started: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - started) < 1 else None
    except psutil.NoSuchProcess:
        return None


def _signal_group(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if number is signal.SIGINT:
            os.kill(process.pid, number)  # PostgreSQL ends its own sessions, in order
        else:
            os.killpg(process.pid, number)
