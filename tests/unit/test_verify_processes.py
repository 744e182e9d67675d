"""Tasks spread over processes come back in order, few of them ahead, with their errors, whatever happens to a child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.verify_processes import in_processes

HERE = os.getpid()


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)


def whose(_: int) -> int:
    return os.getpid()


def test_results_come_in_the_order_of_the_tasks() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number % 7 == 0 else 0)
        return number * number

    assert list(in_processes(slow_first, range(80))) == [number * number for number in range(80)]


def test_other_processes_do_it_and_end() -> None:
    def slowly(number: int) -> int:
        time.sleep(0.005)
        return whose(number)

    children = set(in_processes(slowly, range(40)))
    assert HERE not in children
    assert len(children) == 4
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_few_tasks_are_done_here() -> None:
    assert set(in_processes(whose, range(3))) == {HERE}


def test_no_more_is_taken_than_a_few_tasks_ahead() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = in_processes(str, tasks())
    assert next(results) == "0"
    assert len(taken) < 40
    results.close()  # type: ignore[attr-defined]  # a generator


def test_an_error_of_the_work_is_raised_in_its_place() -> None:
    results = in_processes(lambda number: 10 // number, (5, 2, 0, 1, 1, 1))
    assert [next(results), next(results)] == [2, 5]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_what_a_killed_child_had_is_done_here() -> None:
    def deadly(number: int) -> int:
        if number in {3, 11, 12} and os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert list(in_processes(deadly, range(100))) == list(range(100))


def test_all_is_done_here_when_every_child_is_gone() -> None:
    def deadly(number: int) -> int:
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert list(in_processes(deadly, range(50))) == list(range(50))


def test_threads_do_it_where_processes_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def thread(_: int) -> tuple[int, bool]:
        time.sleep(0.001)
        return os.getpid(), threading.current_thread() is threading.main_thread()

    def refused() -> int:
        raise OSError("no more processes")

    with monkeypatch.context() as change:
        change.setattr(sys, "platform", "win32")
        assert set(in_processes(thread, range(20))) == {(HERE, False)}
    monkeypatch.setattr(os, "fork", refused)
    assert set(in_processes(thread, range(20))) == {(HERE, False)}


def test_children_end_with_their_parent_however_it_ends(tmp_path: Path) -> None:
    program = f"""
import os, time
os.cpu_count = lambda: 3
from ledger.verify_processes import in_processes
def work(number):
    open(os.path.join({str(tmp_path)!r}, str(os.getpid())), "w").close()
    time.sleep(0.01)
list(in_processes(work, range(10**6)))
"""
    parent = subprocess.Popen([sys.executable, "-c", program])
    while len(list(tmp_path.iterdir())) < 3:
        time.sleep(0.02)
        assert parent.poll() is None
    parent.kill()
    parent.wait()
    until = time.monotonic() + 20
    while any(Path("/proc", child.name).exists() for child in tmp_path.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.05)
