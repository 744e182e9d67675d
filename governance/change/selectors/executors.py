"""Who could carry out a change now: role, a key that counts, and separation of duties."""

from __future__ import annotations

from datetime import datetime

from governance.change.core.policy import ExecutorRule, Tier
from governance.change.core.quorum import cools_down
from governance.change.selectors.people import may_execute, views
from governance.change.selectors.standing import Standing


def executors_of(stands: Standing, now: datetime) -> tuple[str, ...]:
    """People (`person:<uuid>`) who could execute this change at `now`, whether or not it is ready."""
    rule, row = stands.rule, stands.row
    gone = set(stands.subject.concerned)
    gone |= stands.subject.contributors if rule.executor is not ExecutorRule.ANY else frozenset()
    gone |= stands.approvers if rule.executor is ExecutorRule.NOT_AUTHOR_NOT_APPROVER else frozenset()
    able = {
        person for person, view in views(now).items()
        if may_execute(view, row.tenant, low=rule.tier is Tier.LOW) and _has_key(stands, person)
    }  # fmt: skip
    return tuple(sorted(able - gone))


def _has_key(stands: Standing, person: str) -> bool:
    approver = stands.people.get(person)
    return approver is not None and any(
        key.lives_at(stands.index)
        and cools_down(approver, key.kid, stands.rule.cool_down_s, said=stands.now, now=stands.now) is None
        for key in approver.keys
    )
