"""A full verification takes no memory for the length of the log, and goes on after a real kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from tests.support.clones import Clone
from tests.support.ledger_writer import environment
from tests.support.streams import append, events, fresh, new_stream

pytestmark = [pytest.mark.db, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[3]
MEASURED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "manage.py", "ledger_verify", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""
SMALL, LARGE = 4_000, 80_000
ALLOWED_KIB = 24 * 1024
"""A segment of 65,536 leaves, its hashes and its account, against one of 4,000; a leaf more must cost nothing more."""


def grown(name: str, size: int) -> StreamView:
    made = new_stream(name)
    for first in range(0, size, 4_000):
        append(made, *events(range(first, first + 4_000)))
        seal_window(made.id, reason="request")
    return fresh(made)


def started(clone: Clone, *command: str) -> subprocess.Popen[str]:
    environ = environment(clone.runtime_url, clone.guard_url)
    environ["COUNTERSIGN_STATE_DIR"] = str(settings.COUNTERSIGN_STATE_DIR)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environ, stdout=pipe, stderr=pipe, text=True)


def peak(clone: Clone, stream: StreamView, report: Path) -> int:
    place = f"{stream.namespace}/{stream.name}"
    run = started(clone, "-c", MEASURED, place, "--mode", "full", "--processes", "1", "--report", str(report))
    told, errors = run.communicate(timeout=600)
    assert run.returncode == 0, errors[-2000:]
    return int(told.splitlines()[-1])


def test_twenty_times_the_leaves_take_no_more_memory_than_one_segment(ledger_db: Clone, tmp_path: Path) -> None:
    small, large = grown("small", SMALL), grown("large", LARGE)
    first = peak(ledger_db, small, tmp_path / "small.json")
    second = peak(ledger_db, large, tmp_path / "large.json")
    counts: dict[str, Any] = json.loads((tmp_path / "large.json").read_text())["streams"][0]["checked"]
    assert counts["leaves"] == large.size
    assert second - first < ALLOWED_KIB


def test_a_killed_command_and_its_processes_leave_a_state_that_the_next_one_ends(
    ledger_db: Clone, tmp_path: Path
) -> None:
    stream = grown("large", LARGE)
    arguments = ("manage.py", "ledger_verify", "acme/large", "--mode", "full", "--processes", "2")
    run = started(ledger_db, *arguments)
    folder = Path(settings.COUNTERSIGN_STATE_DIR) / "verify"
    deadline = time.monotonic() + 300
    while not list(folder.glob("*/1.json")):
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    report = tmp_path / "report.json"
    again = started(ledger_db, *arguments, "--report", str(report))
    _, errors = again.communicate(timeout=600)
    told = json.loads(report.read_text())["streams"][0]
    assert (again.returncode, told["outcome"], told["checked"]["leaves"], told["resumed"]) == (
        0,
        "verified",
        stream.size,
        1,
    )
    assert json.loads(errors.splitlines()[0])["done"] >= stream.size - 65_536
