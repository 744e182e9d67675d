"""The clock guard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.errors import ClockAhead
from ledger.services.clock import SteadyWatch, check_machine, recorded_at, steady_seconds

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_recorded_is_the_clock() -> None:
    assert recorded_at(NOON, NOON - MINUTE) == NOON


def test_recorded_stays_when_the_clock_falls_back_a_little() -> None:
    assert recorded_at(NOON, NOON + 5 * MINUTE) == NOON + 5 * MINUTE


def test_a_clock_more_than_five_minutes_back_is_refused() -> None:
    with pytest.raises(ClockAhead) as refused:
        recorded_at(NOON, NOON + 5 * MINUTE + timedelta(microseconds=1))
    assert refused.value.code == "clock"


def test_a_clock_ahead_of_this_machines_is_refused() -> None:
    check_machine(NOON + 5 * MINUTE, NOON)
    check_machine(NOON - timedelta(days=1), NOON)
    with pytest.raises(ClockAhead):
        check_machine(NOON + 5 * MINUTE + timedelta(microseconds=1), NOON)


def test_a_clock_that_runs_with_the_steady_one_is_fine() -> None:
    watch = SteadyWatch()
    for hour in range(10):
        watch.check(NOON + timedelta(hours=hour), 3600.0 * hour)


def test_a_clock_that_jumps_ahead_is_refused() -> None:
    watch = SteadyWatch()
    watch.check(NOON, 0.0)
    with pytest.raises(ClockAhead):
        watch.check(NOON + 6 * MINUTE + timedelta(seconds=1), 60.0)


def test_a_jump_stays_refused_until_the_clock_is_corrected() -> None:
    watch = SteadyWatch()
    watch.check(NOON, 0.0)
    for second in range(3):
        with pytest.raises(ClockAhead):
            watch.check(NOON + timedelta(hours=1, seconds=second), float(second))
    watch.check(NOON + timedelta(seconds=4), 4.0)


def test_a_clock_that_fell_back_may_be_corrected() -> None:
    watch = SteadyWatch()
    watch.check(NOON, 0.0)
    watch.check(NOON - timedelta(hours=1), 1.0)
    watch.check(NOON + timedelta(seconds=2), 2.0)


def test_the_steady_clock_moves_on() -> None:
    before = steady_seconds()
    assert steady_seconds() >= before


def marked(path: Path) -> SteadyWatch:
    """The watch of a process that starts now and shares that file."""
    return SteadyWatch(lambda: str(path))


def test_a_process_that_starts_after_a_jump_goes_by_the_mark_of_the_others(tmp_path: Path) -> None:
    mark = tmp_path / "clock.json"
    marked(mark).check(NOON, 1_000.0)
    with pytest.raises(ClockAhead):
        marked(mark).check(NOON + timedelta(days=365), 1_030.0)
    marked(mark).check(NOON + timedelta(seconds=60), 1_060.0)


def test_a_clock_that_was_refused_leaves_no_mark(tmp_path: Path) -> None:
    mark = tmp_path / "clock.json"
    first = marked(mark)
    first.check(NOON, 1_000.0)
    before = mark.read_bytes()
    with pytest.raises(ClockAhead):
        first.check(NOON + timedelta(days=365), 1_100.0)
    assert mark.read_bytes() == before
    first.check(NOON - timedelta(hours=1), 1_200.0)
    assert mark.read_bytes() == before, "nor one that fell back far, whose correction would look like a jump"


def test_the_mark_is_written_anew_once_a_minute(tmp_path: Path) -> None:
    mark = tmp_path / "clock.json"
    watch, seen = marked(mark), list[bytes]()
    for second in (0, 30, 59, 61, 100):
        watch.check(NOON + timedelta(seconds=second), 1_000.0 + second)
        seen.append(mark.read_bytes())
    assert [seen.count(one) for one in dict.fromkeys(seen)] == [3, 2]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"clock":"noon","steady_s":1}', b'{"clock":"2026-11-21T12:00:00+00:00"}']
)
def test_a_mark_that_cannot_be_read_is_none(tmp_path: Path, data: bytes) -> None:
    mark = tmp_path / "clock.json"
    mark.write_bytes(data)
    marked(mark).check(NOON + timedelta(days=365), 1_000.0)


def test_a_mark_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    watch = marked(tmp_path / "not there" / "clock.json")
    watch.check(NOON, 1_000.0)
    with pytest.raises(ClockAhead):
        watch.check(NOON + timedelta(days=365), 1_001.0)
