"""Two rules beside those of the policy's text: caps that add up over time, and the way out that the genesis declared.

Pure. Follows the governance reference, sections 4 and Decisions ("Founding ceremony").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, cast

from governance.change.core.policy import Direction, ExecutorRule, Rule
from governance.change.core.policy_text import rule_of
from ledger.core.types import JSON, JSONObject

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)


def over_caps(
    rule: Rule, payload: JSONObject, spent: Iterable[tuple[int, JSONObject]], now: int
) -> Iterator[str]:  # fmt: skip
    """In words, each cap of the rule over which an effect goes together with those `spent` before (second, effect)."""
    earlier = list(spent)
    for cap in rule.caps:
        before = [
            told for at, told in earlier if told["subject"] == payload["subject"] and at > now - cap.window_s
        ]  # fmt: skip
        adds, used = _moved(payload, cap.field), [_moved(one, cap.field) for one in before]
        total = sum(step or 0 for step in (*used, adds))
        if adds != 0 and (None in {*used, adds} or total > cap.amount):
            yield f"{cap.field}: {total:,} within {cap.window_s:,} s; the cap is {cap.amount:,}"


def step_of(base: JSONObject, result: JSONObject, field: str) -> int | None:
    """How far a field moves between two documents; None where it moves and one end is no whole number.

    `field` names a member, or one inside of another (`record.ttl_epochs`); a number of 64 bits stands there as text.
    """
    before, after = _at(base, field), _at(result, field)
    if before == after and type(before) is type(after):
        return 0
    low, high = _number(before), _number(after)
    return None if low is None or high is None else abs(high - low)


def _moved(payload: JSONObject, field: str) -> int | None:
    return step_of(cast("JSONObject", payload["base"]), cast("JSONObject", payload["result"]), field)


def _at(document: JSON, field: str) -> JSON:
    for name in field.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _number(value: JSON) -> int | None:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return int(value)
    return value if type(value) is int else None


def recovery_rule(told: JSONObject) -> Rule:
    """The one way out that the genesis declared."""
    return rule_of({
        "caps": [], "change": "*", "cool_down_s": 0, "directions": [one.value for one in Direction],
        "executor": ExecutorRule.ANY.value, "life_s": told["life_s"], "lock_s": told["lock_s"], "name": "recovery",
        "needs": [{"group": told["group"], "count": told["count"]}], "observation_s": 0, "offline_key": False,
        "tier": "critical",
    })  # fmt: skip
