"""A policy read from its JSON text: the inverse of `Policy.to_json`, with nothing unknown and one form for each rule.

Guarantees that what is read writes the same text again (`units_apart` stands there as true, or not at all), that
rules have distinct names, and that numbers are within bounds in which arithmetic on them means something.
"""

from __future__ import annotations

from typing import cast

from governance.change.core.policy import Cap, Direction, ExecutorRule, Need, Policy, Rule, Tier
from governance.change.errors import PolicyMalformed
from ledger.core.fields import Schema, boolean, check_fields, closed, distinct, list_of, number, one_of, text
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

VERSION = "countersign-governance-policy/1"
MOST_RULES = 200
YEAR = 366 * 86_400

_SECONDS = number(0, YEAR)
_RULE: Schema = {
    "caps": list_of(closed({"amount": number(0, 2**53 - 1), "field": text(64), "window_s": number(1, YEAR)})),
    "change": text(64),
    "cool_down_s": _SECONDS,
    "directions": distinct(*(one.value for one in Direction)),
    "executor": one_of(*(one.value for one in ExecutorRule)),
    "life_s": number(1, YEAR),
    "lock_s": _SECONDS,
    "name": text(64),
    "needs": list_of(closed({"count": number(1, 64), "group": text(63)})),
    "observation_s": _SECONDS,
    "offline_key": boolean,
    "tier": one_of(*(one.name.lower() for one in Tier)),
}


def _true(value: JSON) -> None:
    if value is not True:
        raise LeafSchema("True is expected, or no such field", why=repr(value)[:80])


def _rule(value: JSON) -> None:
    apart: Schema = {"units_apart": _true} if isinstance(value, dict) and "units_apart" in value else {}
    closed({**_RULE, **apart})(value)


_POLICY: Schema = {"rules": list_of(_rule, least=1, most=MOST_RULES), "v": one_of(VERSION)}


def policy_of(value: JSON) -> Policy:
    """Read a policy; raises PolicyMalformed with the path of the culprit."""
    if not isinstance(value, dict):
        raise PolicyMalformed("A policy is an object")
    try:
        check_fields(value, _POLICY)
    except LeafSchema as error:
        raise PolicyMalformed("This is no policy", why=str(error), path=error.path) from error
    rules = tuple(rule_of(cast("JSONObject", one)) for one in cast("list[JSON]", value["rules"]))
    if len({rule.name for rule in rules}) != len(rules):
        raise PolicyMalformed("Two rules have the same name", path="$.rules")
    _check_rules(rules)
    return Policy(rules)


def rule_of(value: JSONObject) -> Rule:
    """Read one rule whose fields were checked before (a stored one, or one of a policy)."""
    needs = cast("list[JSONObject]", value["needs"])
    caps = cast("list[JSONObject]", value["caps"])
    return Rule(
        name=str(value["name"]),
        change=str(value["change"]),
        directions=frozenset(Direction(str(one)) for one in cast("list[JSON]", value["directions"])),
        tier=Tier[str(value["tier"]).upper()],
        needs=tuple(Need(str(one["group"]), _int(one["count"])) for one in needs),
        lock_s=_int(value["lock_s"]),
        life_s=_int(value["life_s"]),
        executor=ExecutorRule(str(value["executor"])),
        cool_down_s=_int(value["cool_down_s"]),
        observation_s=_int(value["observation_s"]),
        offline_key=value["offline_key"] is True,
        caps=tuple(Cap(str(one["field"]), _int(one["amount"]), _int(one["window_s"])) for one in caps),
        units_apart=value.get("units_apart") is True,
    )


def _check_rules(rules: tuple[Rule, ...]) -> None:
    for place, rule in enumerate(rules):
        if not rule.needs:
            raise PolicyMalformed("A rule needs somebody's approval", path=f"$.rules[{place}].needs")
        if len({need.group for need in rule.needs}) != len(rule.needs):
            raise PolicyMalformed("A group is named twice", path=f"$.rules[{place}].needs")
        if rule.lock_s >= rule.life_s:
            raise PolicyMalformed("The lock is as long as the life", path=f"$.rules[{place}].lock_s")


def _int(value: JSON) -> int:
    return value if isinstance(value, int) else 0
