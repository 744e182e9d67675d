"""Streams are observed on a schedule: buckets, marks, bounded rows, and no stream that keeps another waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.watching.core.buckets import COARSE, FINE, SPANS
from governance.watching.models import HealthSample, StreamWatch
from governance.watching.selectors.health_over_time import history
from governance.watching.services import sweep as sweeping
from governance.watching.services.observe import observe
from governance.watching.services.sweep import sweep
from ledger.health import ROWS
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def stream() -> StreamView:
    made = new_stream()
    append(made, *(event(number) for number in range(5)))
    seal_window(made.id, reason="request")
    return fresh(made)


def test_a_sweep_checks_every_path_and_counts_the_events(stream: StreamView) -> None:
    moment = now()
    assert sweep(moment) == 1
    for span in SPANS:
        last = history(stream, span, moment).buckets[-1]
        assert set(last.states) == set(ROWS)
        assert (last.states["receipt"], last.states["bundle"]) == ("pass", "not_evaluated")
        assert (last.checks, last.events) == (1, 5)


def test_a_bucket_keeps_the_worst_and_the_next_one_begins_anew(stream: StreamView) -> None:
    moment = FINE.start_of(now()) + FINE.length * 4
    append(stream, event("waits"))
    late = timedelta(seconds=stream.window_age_s * 20)
    sweep(moment + late)
    seal_window(stream.id, reason="request")
    sweep(moment + late + timedelta(seconds=30))
    sweep(moment + FINE.length * 3)
    found = {one.start: one.states.get("window") for one in history(stream, FINE, moment + FINE.length * 3).buckets}
    assert found[FINE.start_of(moment + late)] == "fail"
    assert found[moment + FINE.length * 3] == "pass"


def test_events_from_before_the_first_check_are_counted_and_their_states_left_open(stream: StreamView) -> None:
    later = now() + FINE.length * 2
    sweep(later)
    before = [one for one in history(stream, FINE, later).buckets[:-1] if one.events]
    assert sum(one.events for one in before) == 5
    assert all(one.states == {} and one.checks == 0 for one in before)


def test_what_is_older_than_it_is_kept_is_forgotten(stream: StreamView) -> None:
    start = now()
    for step in range(6):
        sweep(start + timedelta(days=10 * step))
    ages = {
        span.seconds: [
            start + timedelta(days=50) - row.start for row in HealthSample.objects.filter(span_s=span.seconds)
        ]
        for span in SPANS
    }
    assert max(ages[FINE.seconds]) <= FINE.kept
    assert max(ages[COARSE.seconds]) <= COARSE.kept + COARSE.length
    assert len(ages[FINE.seconds]) == 1


def test_a_stream_is_not_observed_twice_within_the_pause(stream: StreamView) -> None:
    moment = now()
    assert sweep(moment) == 1
    assert sweep(moment + timedelta(seconds=1)) == 0
    assert sweep(moment + sweeping.PAUSE) == 1


def test_what_the_budget_leaves_over_comes_first_in_the_next_run(stream: StreamView) -> None:
    new_stream("second")
    ticks = iter(range(100))
    assert sweep(now(), budget_s=2, clock=lambda: float(next(ticks))) == 1
    first = StreamWatch.objects.get(checked__isnull=False).pk
    ticks = iter(range(100))
    assert sweep(now() + sweeping.PAUSE, budget_s=2, clock=lambda: float(next(ticks))) == 1
    assert StreamWatch.objects.filter(checked__isnull=False).count() == 2
    assert StreamWatch.objects.get(pk=first).checked < StreamWatch.objects.exclude(pk=first).get().checked  # type: ignore[operator]  # both are set


def test_a_stream_that_cannot_be_observed_keeps_no_other_waiting(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_stream("second")

    def breaks(watch: StreamWatch, seen: StreamView, moment: datetime) -> object:
        if seen.id == stream.id:
            raise RuntimeError("planted")
        return observe(watch, seen, moment)

    monkeypatch.setattr(sweeping, "observe", breaks)
    assert sweep(now()) == 1
    assert not HealthSample.objects.filter(stream_id=stream.id).exists()
