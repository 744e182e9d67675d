"""Whether a rule can be met at all by the people there are, whoever proposes and whoever carries out.

Guarantees that a policy that nobody could satisfy is found when it is saved, when a change is submitted and when
somebody is deactivated, not at the first emergency. Follows the governance reference, R10 and I11.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.change.core.matching import filled_slots
from governance.change.core.people import Approver, Custody
from governance.change.core.policy import ExecutorRule, Rule


@dataclass(frozen=True, slots=True)
class Unmet:
    """A rule that cannot be met, and what is lacking, in words."""

    rule: str
    lacking: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Who there is at record `index`: approvers, and the people who may author and execute."""

    approvers: tuple[Approver, ...]
    authors: frozenset[str]
    executors: frozenset[str]
    index: int


def unmet(rules: Iterable[Rule], staff: Staff) -> tuple[Unmet, ...]:
    """Every rule that could not be met for at least one author; empty where all can."""
    return tuple(Unmet(rule.name, found) for rule in rules if (found := _lacking(rule, staff)))


def _lacking(rule: Rule, staff: Staff) -> str:
    if not staff.authors:
        return "nobody may author"
    found = [_lacking_for(rule, staff, author) for author in sorted(staff.authors)]
    return "" if "" in found else found[0]


def _lacking_for(rule: Rule, staff: Staff, author: str) -> str:
    """What is lacking if `author` proposes; '' where nothing is."""
    able = [one for one in staff.approvers if one.live and one.person != author and _has_key(one, staff.index)]
    groups = rule.places
    filled = filled_slots(groups, _able(rule, able))
    empty = [group for group, person in zip(groups, filled, strict=True) if person is None]
    if empty:
        apart = " from a unit of their own" if rule.units_apart else ""
        return f"nobody{apart} is left for a place of group {empty[0]}"
    if rule.offline_key and not any(_has_offline(one, staff.index, groups) for one in able):
        return "nobody who could approve holds an offline key"
    return "" if _can_execute(rule, staff, author, able, groups) else "nobody is left to execute"


def _can_execute(rule: Rule, staff: Staff, author: str, able: list[Approver], groups: list[str]) -> bool:
    if rule.executor is ExecutorRule.ANY:
        return bool(staff.executors)
    others = staff.executors - {author}
    if rule.executor is ExecutorRule.NOT_AUTHOR:
        return bool(others)
    return any(
        None not in filled_slots(groups, _able(rule, [one for one in able if one.person != executor]))
        for executor in others
    )


def _able(rule: Rule, able: list[Approver]) -> dict[str, frozenset[str]]:
    """Who fills places: people, or, where the rule keeps units apart, units, of each of which one person approves."""
    if not rule.units_apart:
        return {one.person: one.groups for one in able}
    units: dict[str, frozenset[str]] = {}
    for one in able:
        if one.unit:
            units[one.unit] = units.get(one.unit, frozenset()) | one.groups
    return units


def _has_key(approver: Approver, index: int) -> bool:
    return any(key.lives_at(index) for key in approver.keys)


def _has_offline(approver: Approver, index: int, groups: list[str]) -> bool:
    held = any(key.custody is Custody.OFFLINE and key.lives_at(index) for key in approver.keys)
    return held and bool(approver.groups & set(groups))
