"""Approver groups and who counts in them now.

Guarantees that a place in a group gives nothing without the role approver: whoever loses the role, or whose role
expires, is in no group, whatever rows there are.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from governance.identity.core.roles import Role
from governance.identity.models.approver_group import ApproverGroup, GroupMember
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from ledger.errors import NotThere


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group; `tenant` is its tenant's public id, None on the platform."""

    id: str
    words: str
    tenant: uuid.UUID | None


def groups() -> tuple[GroupView, ...]:
    """Every group, in the order of the ids."""
    rows = ApproverGroup.objects.select_related("tenant")
    return tuple(GroupView(row.id, row.words, row.tenant.public_id if row.tenant else None) for row in rows)


def group_row(group: str) -> ApproverGroup:
    """The row of a group, for an action; raises NotThere."""
    row = ApproverGroup.objects.filter(pk=group).first()
    if row is None:
        raise NotThere("There is no such approver group", why=group[:80])
    return row


def places_by_person() -> dict[uuid.UUID, frozenset[str]]:
    """By person's public id the groups in which a place stands, whether or not it gives anything now."""
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = GroupMember.objects.filter(revoked__isnull=True).values_list("person__public_id", "group_id")
    for person, group in rows:
        found[person].add(group)
    return {person: frozenset(held) for person, held in found.items()}


def groups_by_person(now: datetime) -> dict[uuid.UUID, frozenset[str]]:
    """By person's public id the groups in which they count at `now`: they hold the role approver, and are active."""
    approvers = Membership.objects.live(now).filter(role=Role.APPROVER.value, person__is_active=True)
    able = set(approvers.values_list("person__public_id", flat=True))
    return {person: held for person, held in places_by_person().items() if person in able}


def seats(now: datetime) -> dict[uuid.UUID, dict[str, datetime]]:
    """By person's public id the groups in which they count at `now` with the role approver where the group is at home,
    and since when both have been held without a gap.
    """
    roles = Membership.objects.live(now).filter(role=Role.APPROVER.value, person__is_active=True)
    held = {(person, tenant): begun for person, tenant, begun in roles.values_list("person", "tenant", "created")}
    rows = GroupMember.objects.filter(revoked__isnull=True)
    found: dict[uuid.UUID, dict[str, datetime]] = defaultdict(dict)
    for person, key, group, home, created in rows.values_list(
        "person", "person__public_id", "group_id", "group__tenant", "created"
    ):
        if (person, home) in held:
            found[key][group] = max(created, held[person, home])
    return found


def groups_of(person: Person, now: datetime) -> frozenset[str]:
    """The groups in which one person counts at `now`."""
    return groups_by_person(now).get(person.public_id, frozenset())


def place_row(person: Person, group: str) -> GroupMember | None:
    """The place that a person has in a group, for an action."""
    return GroupMember.objects.filter(person=person, group_id=group, revoked__isnull=True).first()
