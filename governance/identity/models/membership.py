"""A role that a person holds in a tenant (or, without tenant, on the platform) until it is revoked or
expires.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.identity.core.roles import EXPIRING_ROLES, PLATFORM_ROLES, TENANT_ROLES, Role
from governance.identity.models.person import Person
from governance.identity.models.tenant import Tenant


def _values(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Rows of which most readers want those in force."""

    def live(self, now: datetime) -> MembershipQuerySet:
        """Neither revoked nor expired at `now`."""
        return self.filter(Q(expires__isnull=True) | Q(expires__gt=now), revoked__isnull=True)


class Membership(models.Model):
    """One role of one person in one place. Revoked rows stay: they tell who could do what, when."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=32, choices=[(role.value, role.words) for role in Role])
    expires = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)
    created = models.DateTimeField()

    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "identity_membership"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "tenant", "role"],
                condition=Q(revoked__isnull=True),
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(condition=Q(role__in=[role.value for role in Role]), name="membership_role_known"),
            models.CheckConstraint(
                condition=~Q(role__in=_values(PLATFORM_ROLES)) | Q(tenant__isnull=True),
                name="membership_platform_roles_have_no_tenant",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=_values(TENANT_ROLES)) | Q(tenant__isnull=False),
                name="membership_tenant_roles_have_a_tenant",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=_values(EXPIRING_ROLES)) | Q(expires__isnull=False),
                name="membership_guests_expire",
            ),
        ]

    def __str__(self) -> str:
        place = self.tenant.slug if self.tenant else "platform"
        return f"{self.role} in {place}"
