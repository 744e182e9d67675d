"""Tasks spread over threads come back in order, few of them ahead, with their errors."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ledger.verify_threads import in_threads


def test_results_come_in_the_order_of_the_tasks() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number % 7 == 0 else 0)
        return number * number

    assert list(in_threads(slow_first, range(50))) == [number * number for number in range(50)]


def test_no_more_is_taken_than_a_few_tasks_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = in_threads(str, tasks())
    assert next(results) == "0"
    assert len(taken) < 20


def test_an_error_of_the_work_is_raised_in_its_place() -> None:
    results = in_threads(lambda number: 10 // number, (5, 2, 0, 1))
    assert [next(results), next(results)] == [2, 5]
    with pytest.raises(ZeroDivisionError):
        next(results)
