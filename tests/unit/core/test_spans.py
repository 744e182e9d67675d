"""Spans of leaves: their form in a leaf, and set arithmetic that agrees with sets of numbers."""

from __future__ import annotations

import itertools
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.spans import Span, common, holds_index, joined, spans, spans_json, spans_of, without
from ledger.core.types import JSON
from ledger.errors import LeafSchema

_LISTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)).map(lambda pair: (pair[0], sum(pair))), max_size=6)


def numbers(given: list[Span]) -> set[int]:
    return {place for start, stop in given for place in range(start, stop + 1)}


@given(_LISTS, _LISTS)
def test_spans_agree_with_sets_of_numbers(one: list[Span], other: list[Span]) -> None:
    left, right = joined(one), joined(other)
    assert numbers(left) == numbers(one)
    assert numbers(common(left, right)) == numbers(one) & numbers(other)
    assert numbers(without(left, right)) == numbers(one) - numbers(other)
    assert {place for place in range(40) if holds_index(left, place)} == numbers(one)
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(left))


def test_what_was_joined_can_stand_in_a_leaf_and_is_read_back() -> None:
    told = cast("JSON", spans_json(joined([(4, 6), (1, 2), (3, 3), (9, 9)])))
    spans(told)
    assert spans_of(told) == [(1, 6), (9, 9)]


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [{"from": 2, "to": 1}],
        [{"from": 1, "to": 2}, {"from": 2, "to": 3}],
        [{"from": 5, "to": 6}, {"from": 1, "to": 2}],
        [{"from": 1}],
        [{"from": 1, "to": 2, "why": 3}],
        {"from": 1, "to": 2},
        [{"from": 2 * place, "to": 2 * place} for place in range(1_001)],
    ],
    ids=str,
)
def test_spans_that_do_not_ascend_or_are_too_many_are_refused(wrong: JSON) -> None:
    with pytest.raises(LeafSchema):
        spans(wrong)
