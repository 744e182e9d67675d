from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from governance.identity.core.bucket import Rate, take

RATE = Rate(capacity=5, per_second=0.5)


def test_a_full_bucket_gives_its_capacity_and_then_asks_to_wait() -> None:
    level, waits = RATE.capacity, []
    for _ in range(6):
        taken = take(RATE, level, 0.0)
        level = taken.level
        waits.append(taken.wait)
    assert waits == [0, 0, 0, 0, 0, 2]


def test_waiting_as_long_as_it_says_is_enough() -> None:
    refused = take(RATE, 0.25, 0.0)
    assert take(RATE, refused.level, refused.wait).wait == 0


@given(st.floats(0, 5), st.floats(-1e6, 1e6))
def test_it_never_holds_more_than_its_capacity_nor_less_than_nothing(level: float, elapsed: float) -> None:
    assert 0 <= take(RATE, level, elapsed).level <= RATE.capacity


def test_a_clock_that_runs_backwards_refills_nothing() -> None:
    assert take(RATE, 0.0, -3600.0).wait > 0
