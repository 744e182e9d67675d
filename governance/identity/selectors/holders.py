"""Who holds a role now: people to be told, and people to be asked."""

from __future__ import annotations

from datetime import datetime

from governance.identity.core.roles import Role
from governance.identity.models.membership import Membership
from governance.identity.models.namespace import Namespace
from governance.identity.models.person import Person

_DECIDE = (Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR)


def platform_operators(now: datetime) -> tuple[Person, ...]:
    """Active people who run the platform at `now`, those first who did so first."""
    rows = Membership.objects.live(now).filter(role=Role.PLATFORM_OPERATOR, person__is_active=True)
    return tuple(row.person for row in rows.select_related("person").order_by("id"))


def deciders(now: datetime) -> tuple[Person, ...]:
    """Active people who approve, carry out or run the platform at `now`."""
    held = Membership.objects.live(now).filter(role__in=_DECIDE)
    return tuple(Person.objects.filter(is_active=True, memberships__in=held).distinct().order_by("id"))


def admins_of(namespace: str, now: datetime, most: int) -> tuple[str, ...]:
    """Names of at most `most` tenant admins of the tenant that owns `namespace`, those first who became it first."""
    owner = Namespace.objects.filter(name=namespace, tenant__isnull=False).values("tenant")
    rows = Membership.objects.live(now).filter(role=Role.TENANT_ADMIN, tenant__in=owner, person__is_active=True)
    return tuple(rows.order_by("id").values_list("person__display_name", flat=True)[:most])
