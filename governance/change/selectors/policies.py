"""The policy in force, and the versions before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.change.core.policy import Policy
from governance.change.core.policy_text import policy_of
from governance.change.errors import NotFounded
from governance.change.models import PolicyVersion


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One version: its number, the change that made it, and since when it is in force."""

    number: int
    policy: Policy
    digest: str
    decision: str
    at: datetime


def policy_in_force() -> PolicyView:
    """The newest version; raises NotFounded."""
    row = PolicyVersion.objects.order_by("-number").first()
    if row is None:
        raise NotFounded("There is no policy yet")
    return _view(row)


def policies() -> tuple[PolicyView, ...]:
    """All versions, the newest first."""
    return tuple(map(_view, PolicyVersion.objects.order_by("-number")))


def _view(row: PolicyVersion) -> PolicyView:
    return PolicyView(row.number, policy_of(row.text), row.digest, row.decision, row.at)
