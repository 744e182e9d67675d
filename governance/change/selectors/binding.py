"""Whether a policy means what it says: every cap bounds something, tightening asks for no more than loosening, and
what is critical takes a signature by a key that no browser holds (governance reference, Decisions).
"""

from __future__ import annotations

from django.conf import settings

from governance.change.core.monotone import upside_down
from governance.change.core.policy import ANY_TYPE, Policy, Rule, Tier
from governance.change.errors import CapUnbound, CriticalOnline, PolicyUpsideDown
from governance.change.types import TYPES


def counted(change: str) -> frozenset[str]:
    """The fields that a cap of a rule for this kind (or `*`) can bound."""
    return frozenset().union(*(one.numbers for one in TYPES if change in {one.name, ANY_TYPE}))


def check_caps_bind(policy: Policy) -> None:
    """Raise CapUnbound, naming rule and field, where a cap would bound nothing."""
    found = [words for rule in policy.rules for words in _unbound(rule)]
    if found:
        raise CapUnbound("A cap of the policy bounds nothing", why="; ".join(found), path="$.policy")


def check_policy_sense(policy: Policy) -> None:
    """Raise CapUnbound, CriticalOnline or PolicyUpsideDown (R10, I12)."""
    check_caps_bind(policy)
    check_critical(policy)
    found = upside_down(policy)
    if found:
        raise PolicyUpsideDown("Tightening would ask for more than loosening", why="; ".join(found), path="$.policy")


def check_critical(policy: Policy) -> None:
    """Raise CriticalOnline in production; a demo has no key outside of its own files."""
    found = [one.name for one in policy.rules if one.tier is Tier.CRITICAL and not one.offline_key]
    if found and settings.COUNTERSIGN_ENV == "production":
        raise CriticalOnline("A critical rule asks for no offline key", why=", ".join(found), path="$.policy")


def _unbound(rule: Rule) -> list[str]:
    known = counted(rule.change)
    told = f"counted is {', '.join(sorted(known))}" if known else "nothing is counted"
    return [f"{rule.name}: {cap.field} ({told} for {rule.change})" for cap in rule.caps if cap.field not in known]
