"""A tenant: an organisation whose evidence lives in namespaces of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.identity.core.names import NAME_PATTERN


class TenantState(models.TextChoices):
    """Suspended: read and export only. Disabled: as if it were not there."""

    ACTIVE = "active", "active"
    SUSPENDED = "suspended", "suspended"
    DISABLED = "disabled", "disabled"


class Tenant(models.Model):
    """One organisation."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    name = models.CharField(max_length=200)
    slug = models.CharField(max_length=63, unique=True)
    state = models.CharField(max_length=16, choices=TenantState.choices, default=TenantState.ACTIVE)
    created = models.DateTimeField()

    class Meta:
        db_table = "identity_tenant"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(slug__regex=f"^{NAME_PATTERN}$"), name="tenant_slug_form"),
            models.CheckConstraint(condition=models.Q(state__in=TenantState.values), name="tenant_state_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="tenant_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
