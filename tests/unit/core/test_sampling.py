"""A sample can be drawn again by its seed, and its chance to meet damage is that of drawing without replacement."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from ledger.core.sampling import chance_to_meet, damaged_at, drawn


def test_one_percent_and_three_hundred_is_the_chance_that_is_told() -> None:
    assert f"{chance_to_meet(10_000_000, damaged_at(10_000_000, 0.01), 300):.3f}" == "0.951"


@pytest.mark.parametrize("total", [1, 2, 5, 9])
def test_it_is_the_share_of_samples_that_hold_a_damaged_one(total: int) -> None:
    for damaged in range(total + 1):
        for sample in range(total + 1):
            missing = Fraction(comb(total - damaged, sample), comb(total, sample))
            assert chance_to_meet(total, damaged, sample) == pytest.approx(float(1 - missing))


def test_looking_at_everything_is_certain_and_looking_at_nothing_is_blind() -> None:
    assert chance_to_meet(1000, 1, 1000) == 1.0
    assert chance_to_meet(1000, 999, 0) == 0.0


def test_any_damage_is_at_least_one_leaf() -> None:
    assert [damaged_at(total, 0.01) for total in (0, 1, 100, 101, 305)] == [0, 1, 1, 2, 4]


@pytest.mark.parametrize(("total", "damaged", "sample"), [(10, 11, 1), (10, 1, 11), (10, -1, 1), (10, 1, -1)])
def test_impossible_numbers_are_refused(total: int, damaged: int, sample: int) -> None:
    with pytest.raises(ValueError, match="larger"):
        chance_to_meet(total, damaged, sample)


def test_a_seed_gives_the_same_numbers_everywhere() -> None:
    assert drawn("known", 1000, 5) == [321, 397, 509, 693, 706]
    assert drawn("other", 1000, 5) != drawn("known", 1000, 5)


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 99, 100])
def test_numbers_are_distinct_ascending_and_inside(count: int) -> None:
    found = drawn("s", 100, count)
    assert (len(found), found, set(found) <= set(range(100))) == (count, sorted(set(found)), True)


def test_every_number_has_its_turn() -> None:
    assert {one for seed in range(200) for one in drawn(str(seed), 50, 5)} == set(range(50))


def test_more_than_there_are_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="whole"):
        drawn("s", 3, 4)
