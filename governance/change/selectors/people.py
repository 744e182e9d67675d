"""People as the core judges them, from what identity knows: groups, keys, and whether the account is live.

Guarantees that a place in a group counts only together with the role approver where the group is at home, and that
only decision keys are taken, each with the places in the record between which it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from governance.change.core.people import Approver, Custody, PersonKey
from governance.change.core.satisfiable import Staff
from governance.identity.core.person_keys import KeyUse
from governance.identity.core.roles import Role
from governance.identity.models.person import actor_of
from governance.identity.selectors.people import PersonView
from governance.identity.selectors.people import people as everybody
from governance.identity.selectors.person_keys import PersonKeyView

AUTHORS = frozenset({Role.AUTHOR, Role.APPROVER, Role.PLATFORM_OPERATOR, Role.TENANT_ADMIN})
"""Who may write a proposal: an approver who does becomes a contributor, an operator or admin proposes."""
CONTAINERS = frozenset({Role.APPROVER, Role.EXECUTOR, Role.WITNESS_OPERATOR, Role.PLATFORM_OPERATOR})
"""Who stops things, and looks into them: everybody who decides, witnesses or runs the platform."""

_FREEZE = frozenset({Role.APPROVER, Role.EXECUTOR, Role.WITNESS_OPERATOR, Role.TENANT_ADMIN})


def people(now: datetime) -> dict[str, Approver]:
    """Everybody, by `person:<uuid>`."""
    return {one.person: one for one in map(approver_of, everybody(now))}


def views(now: datetime) -> dict[str, PersonView]:
    """The same people with their roles, by `person:<uuid>`."""
    return {actor_of(view.public_id): view for view in everybody(now)}


def may_author(view: PersonView | None, tenant: str | None) -> bool:
    """Whether they may write proposals for this tenant (None: for the platform)."""
    return _holds(view, AUTHORS, tenant)


def may_execute(view: PersonView | None, tenant: str | None, *, low: bool) -> bool:
    """Whether they may carry out; approvers may where the tier is `low`."""
    return _holds(view, frozenset({Role.EXECUTOR, Role.APPROVER} if low else {Role.EXECUTOR}), tenant)


def may_contain(view: PersonView | None) -> bool:
    """Whether they may stop things: everybody who decides, witnesses or runs the platform."""
    return view is not None and view.live and any(role in CONTAINERS for role, _ in view.roles)


def may_tend_incident(view: PersonView | None, tenant: str | None) -> bool:
    """Whether they may open, go on with or close an incident of this tenant (None: of the platform): the same roles,
    held there or on the platform.
    """
    return _holds(view, CONTAINERS, tenant)


def may_freeze(view: PersonView | None, tenant: str | None) -> bool:
    """Whether they may stop execution there (None: on the platform): who decides or witnesses, and a tenant's admin."""
    return _holds(view, _FREEZE, tenant)


def staff(now: datetime, index: int) -> Staff:
    """Who there is, for the question whether a rule can be met at all."""
    return staff_of(everybody(now), index)


def staff_of(found: Sequence[PersonView], index: int) -> Staff:
    """The same of people who were read already."""
    live = {actor_of(view.public_id): view for view in found if view.live}
    return Staff(
        approvers=tuple(map(approver_of, found)),
        authors=frozenset(person for person, view in live.items() if any(role in AUTHORS for role, _ in view.roles)),
        executors=frozenset(person for person, view in live.items() if view.holds(Role.EXECUTOR)),
        index=index,
    )


def _holds(view: PersonView | None, wanted: frozenset[Role], tenant: str | None) -> bool:
    if view is None or not view.live:
        return False
    return any(role in wanted and (place is None or str(place) == tenant) for role, place in view.roles)


def approver_of(view: PersonView) -> Approver:
    """A person as a quorum judges them: a place counts where they approve, at the group's home."""
    return Approver(
        person=actor_of(view.public_id),
        groups=view.groups,
        keys=tuple(_key(key) for key in view.keys if key.use is KeyUse.DECISION),
        live=view.live,
        unit=view.unit,
        barred_until=int(view.barred_until.timestamp()) if view.barred_until else 0,
        unit_since=int(view.unit_since.timestamp()) if view.unit_since else 0,
        began=tuple((group, int(begun.timestamp())) for group, begun in view.seats),
    )


def _key(key: PersonKeyView) -> PersonKey:
    since = -1 if key.since is None else key.since
    active_from = int(key.active_from.timestamp()) if key.active_from else 0
    return PersonKey(key.kid, key.public, Custody(key.custody.value), since, active_from, key.until)
