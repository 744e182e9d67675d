"""Weights that a renewal would change are told as they are written."""

from __future__ import annotations

from dataclasses import replace

from governance.evidenceos.core.nullspec import Dirichlet, DiscreteBuckets
from governance.evidenceos.core.renewing import are_unequal, weights_told, words_of
from tests.support.evidenceos import BERNOULLI, unsigned

CHANCE = unsigned(*BERNOULLI)
NULL = DiscreteBuckets((0.25, 0.25, 0.5))
EQUAL, UNEQUAL = (unsigned(NULL, Dirichlet(weights)) for weights in ((1.0, 1.0, 1.0), (1.0, 2.0, 0.5)))


def test_unequal_weights_are_told_one_by_one_and_equal_ones_once() -> None:
    told = weights_told(UNEQUAL, EQUAL)
    assert "were 1.0, 2.0, 0.5, and are 1.0 for each of 3 buckets in this contract." in told
    assert (are_unequal(UNEQUAL), are_unequal(EQUAL)) == (True, False)


def test_nothing_is_told_where_nothing_changes_or_there_are_none() -> None:
    assert weights_told(UNEQUAL, replace(UNEQUAL, epoch_created=99)) == ""
    assert weights_told(None, UNEQUAL) == weights_told(CHANCE, UNEQUAL) == weights_told(UNEQUAL, CHANCE) == ""
    assert not are_unequal(CHANCE)


def test_many_weights_are_cut_short() -> None:
    assert words_of(tuple(float(n) for n in range(1, 11))).endswith("8.0 and 2 more")
