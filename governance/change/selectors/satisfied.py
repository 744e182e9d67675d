"""Whether the policy in force can be met by the people there are, and would be without one of them (R10, I11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from governance.change.core.satisfiable import Staff, Unmet, unmet
from governance.change.errors import NotFounded
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.people import staff
from governance.change.selectors.policies import policy_in_force
from governance.identity.models import Person


def unmet_now(now: datetime) -> tuple[Unmet, ...]:
    """The rules that nobody could meet now: where there are any, the deployment is in RECOVERY."""
    try:
        rules = policy_in_force().policy.rules
    except NotFounded:
        return ()
    return unmet(rules, staff(now, changes_stream().size))


def unmet_without(person: Person, now: datetime) -> tuple[str, ...]:
    """What could not be met any more without this person, in sentences; none where everything still can."""
    before = staff(now, changes_stream().size)
    gone = frozenset({person.actor})
    approvers = tuple(replace(one, live=False) if one.person == person.actor else one for one in before.approvers)
    after = Staff(approvers, before.authors - gone, before.executors - gone, before.index)
    rules = policy_in_force().policy.rules
    held = {one.rule for one in unmet(rules, before)}
    return tuple(f"{one.rule}: {one.lacking}." for one in unmet(rules, after) if one.rule not in held)
