"""The scheduler of tasks goes on when the clock on the wall is put wrong, and when it is put right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from celery import Celery

from console import scheduler
from console.scheduler import SteadyScheduler

YEAR_S = 365 * 86_400.0


class Clocks:
    """The clock on the wall and the steady one, as the scheduler reads them."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_800_000_000.0, 1_000.0

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(time=lambda: made.wall))
    monkeypatch.setattr(scheduler, "steady_seconds", lambda: made.steady)
    return made


@pytest.fixture
def sent(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], int]:
    """How many tasks are sent within so many seconds, of one that is due every second and one every hour."""
    app = Celery("tests", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {
        "often": {"task": "often", "schedule": 1.0},
        "rarely": {"task": "rarely", "schedule": 3_600.0},
    }
    monkeypatch.setattr(app, "now", lambda: datetime.fromtimestamp(clocks.wall, UTC))
    count: list[str] = []
    beat = SteadyScheduler(app, lazy=True)
    monkeypatch.setattr(beat, "apply_entry", lambda entry, **_: count.append(entry.name))
    beat.setup_schedule()

    def within(seconds: float) -> int:
        before, end = len(count), clocks.steady + seconds
        while clocks.steady < end:
            clocks.passes(min(max(beat.tick(), 0.01), 0.5))
        return count[before:].count("often")

    return within


@pytest.mark.parametrize("by", [YEAR_S, -YEAR_S, 3_600.0, -3_600.0])
def test_what_is_due_every_second_is_sent_before_during_and_after(
    clocks: Clocks, sent: Callable[[float], int], by: float
) -> None:
    assert sent(20) >= 15
    clocks.wall += by
    assert sent(20) >= 15
    clocks.wall -= by
    assert sent(20) >= 15


def test_without_a_jump_nothing_is_counted_anew(clocks: Clocks, sent: Callable[[float], int]) -> None:
    assert 3_500 <= sent(3_700) <= 3_800
