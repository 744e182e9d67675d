"""Rules: which one applies, and what the strictest of several is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.change.core.policy import ANY_TYPE, Cap, Direction, ExecutorRule, Need, Policy, Tier, strictest
from governance.change.core.policy_text import policy_of
from governance.change.errors import PolicyMalformed, RuleMissing
from ledger.core.types import JSON
from tests.support.approvals import RULE


def test_what_no_rule_covers_is_denied() -> None:
    policy = Policy((replace(RULE, directions=frozenset({Direction.TIGHTENS})),))
    with pytest.raises(RuleMissing):
        policy.rule_for("oracle.ttl", Direction.LOOSENS)
    with pytest.raises(RuleMissing):
        policy.rule_for("epoch.advance", Direction.TIGHTENS)


def test_a_rule_for_any_type_covers_all() -> None:
    assert Policy((replace(RULE, change=ANY_TYPE),)).rule_for("x", Direction.NEUTRAL).change == ANY_TYPE


def test_of_several_rules_the_strictest_applies_in_every_respect() -> None:
    slow = replace(RULE, name="slow", lock_s=9000, needs=(Need("ops", 1),), life_s=100, observation_s=60)
    wide = replace(
        RULE, name="wide", change=ANY_TYPE, tier=Tier.HIGH, needs=(Need("ops", 3), Need("science", 1)),
        executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER, cool_down_s=7, offline_key=True, caps=(Cap("ttl", 5, 60),),
        units_apart=True,
    )  # fmt: skip
    for order in ((slow, wide), (wide, slow)):
        found = Policy(order).rule_for("oracle.ttl", Direction.NEUTRAL)
        assert (found.lock_s, found.tier, found.life_s, found.cool_down_s) == (9000, Tier.HIGH, 100, 7)
        assert found.needs == (Need("ops", 3), Need("science", 1))
        assert (found.executor, found.offline_key) == (ExecutorRule.NOT_AUTHOR_NOT_APPROVER, True)
        assert (found.observation_s, found.caps, found.units_apart) == (0, (Cap("ttl", 5, 60),), True)


def test_the_strictest_of_one_is_itself() -> None:
    assert strictest([RULE, RULE]) == RULE


def test_the_digest_depends_on_what_the_rules_say_and_not_on_their_order() -> None:
    other = replace(RULE, name="other")
    assert Policy((RULE, other)).digest == Policy((other, RULE)).digest
    assert Policy((RULE,)).digest != Policy((replace(RULE, lock_s=RULE.lock_s + 1),)).digest


def test_units_stand_in_the_text_as_kept_apart_or_not_at_all() -> None:
    apart = Policy((replace(RULE, units_apart=True),)).to_json()
    assert policy_of(apart).to_json() == apart
    assert policy_of(apart).rules[0].units_apart
    plain = Policy((RULE,)).to_json()
    assert "units_apart" not in str(plain)
    assert not policy_of(plain).rules[0].units_apart


@pytest.mark.parametrize("value", [False, None, 1, "true"])
def test_units_are_kept_apart_by_true_and_by_nothing_else(value: JSON) -> None:
    rules: list[JSON] = [{**RULE.to_json(), "units_apart": value}]
    with pytest.raises(PolicyMalformed):
        policy_of({"rules": rules, "v": "countersign-governance-policy/1"})
