"""Writers in processes of their own (`tests.support.ledger_writer`), what they were promised, and whether it stands."""

from __future__ import annotations

import subprocess
import sys

from tests.support.clones import Clone
from tests.support.ledger_writer import environment
from tests.support.log_audit import Audit
from tests.support.server import ROOT


def writer(clone: Clone, *what: str) -> subprocess.Popen[str]:
    """Start one on this database and its guard; `what` are the program's arguments."""
    command = [sys.executable, "-m", "tests.support.ledger_writer", *what]
    environ = environment(clone.runtime_url, clone.guard_url)
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)


def receipts_of(process: subprocess.Popen[str]) -> dict[int, str]:
    """What the process was promised: leaf hashes by index. Its log goes the same way, as objects of JSON."""
    told, _ = process.communicate(timeout=120)
    pairs = (line.split() for line in told.splitlines() if not line.startswith("{"))
    return {int(index): found for index, found in pairs}


def stand_in(found: Audit, given: dict[int, str]) -> bool:
    """Whether every leaf that was promised is there."""
    return all(found.leaves[index].leaf_hash.hex() == leaf_hash for index, leaf_hash in given.items())
