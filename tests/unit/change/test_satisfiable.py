"""Rules that nobody could satisfy are found before they are needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.change.core.people import Approver, Custody
from governance.change.core.policy import ExecutorRule, Need, Rule
from governance.change.core.satisfiable import Staff, unmet
from tests.support.approvals import INDEX, RULE, approver, key


def lacking(rule: Rule, *approvers: Approver, authors: str = "z", executors: str = "y") -> list[str]:
    staff = Staff(tuple(approvers), frozenset(authors), frozenset(executors), INDEX)
    return [one.lacking for one in unmet([rule], staff)]


def test_enough_people_satisfy_it() -> None:
    assert lacking(RULE, approver("a", "ops"), approver("b", "ops")) == []


@pytest.mark.parametrize(
    "second",
    [
        approver("b", "science"),
        approver("b", "ops", live=False),
        approver("b", "ops", keys=()),
        approver("b", "ops", keys=(key("b", until=INDEX),)),
    ],
)
def test_too_few_do_not(second: Approver) -> None:
    assert lacking(RULE, approver("a", "ops"), second) == ["nobody is left for a place of group ops"]


def test_the_only_author_cannot_be_counted_among_the_approvers() -> None:
    pair = approver("a", "ops"), approver("b", "ops")
    assert lacking(RULE, *pair, authors="b") == ["nobody is left for a place of group ops"]
    assert lacking(RULE, *pair, authors="bz") == []


def test_groups_take_distinct_people() -> None:
    rule = replace(RULE, needs=(Need("ops", 1), Need("science", 1)))
    assert lacking(rule, approver("a", "ops", "science")) == ["nobody is left for a place of group science"]


def test_somebody_must_be_left_to_author_and_to_execute() -> None:
    pair = approver("a", "ops"), approver("b", "ops")
    assert lacking(RULE, *pair, authors="") == ["nobody may author"]
    assert lacking(RULE, *pair, executors="z") == ["nobody is left to execute"]
    assert lacking(replace(RULE, executor=ExecutorRule.ANY), *pair, executors="z") == []


def test_an_executor_who_is_needed_for_approval_cannot_do_both() -> None:
    rule = replace(RULE, executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER)
    trio = [approver(name, "ops") for name in "abc"]
    assert lacking(rule, *trio[:2], executors="a") == ["nobody is left to execute"]
    assert lacking(rule, *trio, executors="a") == []


def test_an_offline_key_that_nobody_holds_is_lacking() -> None:
    rule = replace(RULE, offline_key=True)
    offline = approver("b", "ops", keys=(key("b", custody=Custody.OFFLINE),))
    assert lacking(rule, approver("a", "ops"), approver("b", "ops")) == [
        "nobody who could approve holds an offline key"
    ]
    assert lacking(rule, approver("a", "ops"), offline) == []


def test_where_units_are_apart_as_many_units_are_needed_as_people() -> None:
    rule = replace(RULE, units_apart=True, executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER)
    told = ["nobody from a unit of their own is left for a place of group ops"]
    north, other = approver("a", "ops", unit="north"), approver("b", "ops", unit="north")
    assert lacking(rule, north, other) == told
    assert lacking(rule, north, approver("b", "ops")) == told
    assert lacking(rule, north, approver("b", "ops", unit="south")) == []
    assert lacking(rule, north, approver("b", "ops", unit="south"), executors="b") == ["nobody is left to execute"]
    assert lacking(rule, north, other, approver("c", "ops", unit="south"), executors="a") == []
