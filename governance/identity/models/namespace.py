"""A namespace: the string under which the ledger files a tenant's streams.

Guarantees with a trigger that a name is never changed, deleted or given to somebody else, since origins and
signatures carry it for ever. Those with a leading underscore belong to the platform and to no tenant.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.identity.core.names import NAME_PATTERN, PLATFORM_PATTERN
from governance.identity.models.tenant import Tenant

_TENANT_OWNED = models.Q(tenant__isnull=False, name__regex=f"^{NAME_PATTERN}$")
_PLATFORM_OWNED = models.Q(tenant__isnull=True, name__regex=f"^{PLATFORM_PATTERN}$")


class Namespace(models.Model):
    """One name, for ever."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=63, unique=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="namespaces")
    created = models.DateTimeField()

    class Meta:
        db_table = "identity_namespace"
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=_TENANT_OWNED | _PLATFORM_OWNED, name="namespace_form_and_owner"),
        ]

    def __str__(self) -> str:
        return self.name
