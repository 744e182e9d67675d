"""Whether a policy asks no more for taking power away than for giving it (I12): what restricts must never be harder.

Guarantees that a policy under which tightening needs more people, another group, a longer lock, a stricter executor, a
key of another custody or a longer cool-down than loosening is found when it is saved. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from governance.change.core.policy import Direction, Policy, Rule, strictest
from governance.change.errors import RuleMissing

PAIRS: Final = (
    ("role.revoke", "role.grant"),
    ("key.revoke", "key.enrol"),
    ("reliance.pause", "reliance.resume"),
    ("freeze", "thaw"),
    *((kind, kind) for kind in ("tenant.state", "stream.publicity", "stream.retention", "stream.policy")),
)  # fmt: skip
"""Kinds that take power away, and those that give the same back."""


def upside_down(policy: Policy, pairs: Iterable[tuple[str, str]] = PAIRS) -> tuple[str, ...]:
    """The kinds for which tightening needs more than loosening, each with what is more; empty where none does."""
    found = []
    for tightens, loosens in pairs:
        taking = _rule(policy, tightens, Direction.TIGHTENS)
        if more := _more(taking, _rule(policy, loosens, Direction.LOOSENS)):
            found.append(f"{tightens} asks for {more} beyond {loosens}")
    return tuple(found)


def _rule(policy: Policy, kind: str, direction: Direction) -> Rule | None:
    try:
        return policy.rule_for(kind, direction)
    except RuleMissing:
        return None


def _more(tightens: Rule | None, loosens: Rule | None) -> str:
    """In which respect the first asks for more; what nobody may loosen cannot be easier to loosen."""
    if tightens is None or loosens is None:
        return ""
    both = strictest([tightens, loosens])
    asked = {need.group: need.count for need in loosens.needs}
    told = (
        ("more people", {need.group: need.count for need in both.needs} != asked),
        ("a longer lock", both.lock_s != loosens.lock_s),
        ("a stricter executor", both.executor is not loosens.executor),
        ("a longer cool-down", both.cool_down_s != loosens.cool_down_s),
        ("an offline key", both.offline_key != loosens.offline_key),
        ("units apart", both.units_apart != loosens.units_apart),
    )
    return ", ".join(words for words, more in told if more)
