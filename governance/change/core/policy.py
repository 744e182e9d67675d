"""Policies as data: for each kind of change, who must agree, how long it waits, and who may carry it out.

Guarantees a closed form (unknown fields are refused), deny by default (a change without a rule is refused), and
that the strictest of several matching rules applies, never the first. Follows the governance reference, sections
1 (R4, R10, R17, R18) and 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from governance.change.errors import RuleMissing
from ledger.core.canonical import canonical
from ledger.core.types import JSON, JSONObject

ANY_TYPE = "*"
PROPOSED = " (proposed)"


class Tier(IntEnum):
    """How much rests on a change; a higher tier is the stricter one. `EMERGENCY` only ever restricts."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4
    EMERGENCY = 5


class Direction(StrEnum):
    """What a change does to the powers that are there."""

    TIGHTENS = "tightens"
    LOOSENS = "loosens"
    NEUTRAL = "neutral"


class ExecutorRule(StrEnum):
    """Who may carry out what others have approved."""

    ANY = "any"
    NOT_AUTHOR = "not_author"
    NOT_AUTHOR_NOT_APPROVER = "not_author_not_approver"

    @property
    def strictness(self) -> int:
        """0 for the loosest."""
        return list(ExecutorRule).index(self)


@dataclass(frozen=True, slots=True)
class Need:
    """`count` distinct people of the group with the immutable id `group`; all needs must be met together."""

    group: str
    count: int


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `amount` (a whole number in the field's own unit) of `field` within `window_s` seconds, summed."""

    field: str
    amount: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Rule:
    """What a change needs. Times in seconds: `lock_s` after quorum, `life_s` after submission, `cool_down_s` before
    a new key counts, `observation_s` in which its revert needs no lock. `offline_key`: at least one signature by a
    key that no browser page holds. `units_apart`: no two approvals come from one organisational unit, and none from
    somebody of whom none is known. A rule covers the type `change` (or `*`) in the given directions.
    """

    name: str
    change: str
    directions: frozenset[Direction]
    tier: Tier
    needs: tuple[Need, ...]
    lock_s: int
    life_s: int
    executor: ExecutorRule
    cool_down_s: int = 0
    observation_s: int = 0
    offline_key: bool = False
    caps: tuple[Cap, ...] = ()
    units_apart: bool = False

    def covers(self, change: str, direction: Direction) -> bool:
        """Whether it says anything about this type of change in this direction."""
        return self.change in {change, ANY_TYPE} and direction in self.directions

    @property
    def people(self) -> int:
        """How many distinct people must approve."""
        return sum(need.count for need in self.needs)

    @property
    def places(self) -> list[str]:
        """The group of each place that a person has to fill, place by place."""
        return [need.group for need in self.needs for _ in range(need.count)]

    def to_json(self) -> JSONObject:
        """The rule as it stands in the policy's text; `units_apart` stands there only where it holds."""
        needs: list[JSON] = [{"count": need.count, "group": need.group} for need in self.needs]
        caps: list[JSON] = [{"amount": cap.amount, "field": cap.field, "window_s": cap.window_s} for cap in self.caps]
        apart: JSONObject = {"units_apart": True} if self.units_apart else {}
        return {
            **apart, "caps": caps, "change": self.change, "cool_down_s": self.cool_down_s,
            "directions": [one.value for one in sorted(self.directions)], "executor": self.executor.value,
            "life_s": self.life_s, "lock_s": self.lock_s, "name": self.name, "needs": needs,
            "observation_s": self.observation_s, "offline_key": self.offline_key, "tier": self.tier.name.lower(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules in force; `digest` names them, and every statement binds it."""

    rules: tuple[Rule, ...]

    def rule_for(self, change: str, direction: Direction) -> Rule:
        """The rule that a change falls under; raises RuleMissing where none covers it."""
        found = [rule for rule in self.rules if rule.covers(change, direction)]
        if not found:
            raise RuleMissing("No rule covers this change", why=f"{change}, {direction.value}")
        return strictest(found)

    def to_json(self) -> JSONObject:
        """The policy's text, in the order of its rules' names."""
        rows: list[JSON] = [rule.to_json() for rule in sorted(self.rules, key=lambda rule: rule.name)]
        return {"rules": rows, "v": "countersign-governance-policy/1"}

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the RFC 8785 bytes."""
        return hashlib.sha256(canonical(self.to_json())).hexdigest()


def proposed_beside(in_force: Policy, proposed: Policy) -> tuple[Policy, ...]:
    """The policies that judge a change of the policy itself (R18): both; rules that differ are named apart."""
    kept = set(in_force.rules)
    named = (one if one in kept else replace(one, name=f"{one.name}{PROPOSED}") for one in proposed.rules)
    return in_force, Policy(tuple(named))


def strictest(rules: Iterable[Rule]) -> Rule:
    """One rule that is at least as strict as each of these, in every respect (R17, R18)."""
    listed = list(rules)
    first = max(listed, key=lambda rule: (rule.tier, rule.people, rule.lock_s, rule.name))
    if all(rule == first for rule in listed):
        return first
    return Rule(
        name=" + ".join(sorted({rule.name for rule in listed})),
        change=first.change,
        directions=frozenset().union(*(rule.directions for rule in listed)),
        tier=max(rule.tier for rule in listed),
        needs=_needs(listed),
        lock_s=max(rule.lock_s for rule in listed),
        life_s=min(rule.life_s for rule in listed),
        executor=max((rule.executor for rule in listed), key=lambda one: one.strictness),
        cool_down_s=max(rule.cool_down_s for rule in listed),
        observation_s=min(rule.observation_s for rule in listed),
        offline_key=any(rule.offline_key for rule in listed),
        caps=_caps(listed),
        units_apart=any(rule.units_apart for rule in listed),
    )


def _needs(rules: Iterable[Rule]) -> tuple[Need, ...]:
    """Of each group the larger count: whoever satisfies these satisfies each of the rules."""
    counts: dict[str, int] = {}
    for need in (need for rule in rules for need in rule.needs):
        counts[need.group] = max(need.count, counts.get(need.group, 0))
    return tuple(Need(group, count) for group, count in sorted(counts.items()))


def _caps(rules: Iterable[Rule]) -> tuple[Cap, ...]:
    """All of them, each once: a cap is an upper bound, so every one holds."""
    return tuple(sorted({cap for rule in rules for cap in rule.caps}, key=lambda cap: (cap.field, cap.window_s)))
