"""Two rules beside those of the policy's text: caps that add up over time, and the way out that the genesis declared.

Pure. Follows the governance reference, sections 4 and Decisions ("Founding ceremony").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from governance.change.core.policy import Direction, ExecutorRule, Rule
from governance.change.core.policy_text import rule_of
from ledger.core.types import JSONObject


def over_caps(
    rule: Rule, payload: JSONObject, spent: Iterable[tuple[int, JSONObject]], now: int
) -> Iterator[str]:  # fmt: skip
    """In words, each cap of the rule over which an effect goes together with those `spent` before (second, effect)."""
    earlier = list(spent)
    for cap in rule.caps:
        before = [
            told for at, told in earlier if told["subject"] == payload["subject"] and at > now - cap.window_s
        ]  # fmt: skip
        adds, used = _step(payload, cap.field), [_step(one, cap.field) for one in before]
        total = sum(step or 0 for step in (*used, adds))
        if adds != 0 and (None in {*used, adds} or total > cap.amount):
            yield f"{cap.field}: {total:,} within {cap.window_s:,} s; the cap is {cap.amount:,}"


def _step(payload: JSONObject, name: str) -> int | None:
    """How far the field moves; None where it moves and one end is no whole number."""
    before, after = (cast("JSONObject", payload[part]).get(name) for part in ("base", "result"))
    if before == after and type(before) is type(after):
        return 0
    return abs(after - before) if type(before) is int and type(after) is int else None


def recovery_rule(told: JSONObject) -> Rule:
    """The one way out that the genesis declared."""
    return rule_of({
        "caps": [], "change": "*", "cool_down_s": 0, "directions": [one.value for one in Direction],
        "executor": ExecutorRule.ANY.value, "life_s": told["life_s"], "lock_s": told["lock_s"], "name": "recovery",
        "needs": [{"group": told["group"], "count": told["count"]}], "observation_s": 0, "offline_key": False,
        "tier": "critical",
    })  # fmt: skip
