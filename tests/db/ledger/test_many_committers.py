"""Committers of several processes on one stream: one history without a gap, and a fair share for each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.clones import Clone
from tests.support.guarded import settled
from tests.support.ledger_writer import environment
from tests.support.streams import new_stream

pytestmark = pytest.mark.db
ROOT = Path(__file__).resolve().parents[3]


def loaded(clone: Clone, processes: int, threads: int, seconds: float) -> list[dict[int, str]]:
    """Let so many processes append at the same time; returns what each was promised: leaf hashes by index."""
    environ = environment(clone.runtime_url, clone.guard_url)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.ledger_writer", "load", str(seconds), f"p{number}", str(threads)],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    ready = [one.stdout.readline() for one in running if one.stdout]
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=120 + seconds)[0] for one in running]
    assert [one.returncode for one in running] == [0] * processes
    return [_promised(first + more) for first, more in zip(ready, told, strict=True)]


def _promised(text: str) -> dict[int, str]:
    return {int(index): found for index, found in (line.split() for line in text.splitlines())}


def one_history(clone: Clone, processes: int, threads: int, seconds: float) -> list[int]:
    """Whatever was promised stands once, and nothing else; returns how many events each process appended."""
    stream = new_stream()
    given = loaded(clone, processes, threads, seconds)
    leaves = settled(stream).leaves
    together = {index: found for promised in given for index, found in promised.items()}
    assert sum(map(len, given)) == len(together) == len(leaves) - 1
    assert {leaf.index: leaf.leaf_hash.hex() for leaf in leaves[1:]} == together
    return [len(promised) for promised in given]


def test_eight_processes_make_one_history_without_a_gap(ledger_db: Clone) -> None:
    counts = one_history(ledger_db, processes=8, threads=2, seconds=1.5)
    assert min(counts) > 1


@pytest.mark.long
def test_eight_processes_make_one_history_for_half_a_minute(ledger_db: Clone) -> None:
    counts = one_history(ledger_db, processes=8, threads=4, seconds=30.0)
    assert min(counts) > sum(counts) / 8 / 4


def test_two_busy_processes_get_a_fair_share_each(ledger_db: Clone) -> None:
    one, two = one_history(ledger_db, processes=2, threads=6, seconds=2.5)
    assert min(one, two) >= (one + two) / 4
