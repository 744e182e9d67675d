"""A target: one data directory of EvidenceOS that is governed from here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.identity.core.names import NAME_PATTERN
from governance.identity.models.tenant import Tenant


class Reload(models.TextChoices):
    """How the daemon is told to read its files again; who sets it sits at the server."""

    NONE = "none", "none"
    SIGNAL = "signal", "signal"
    COMMAND = "command", "command"


class Target(models.Model):
    """`tenant` None is the platform's; `epoch_seconds` is how long a logical epoch lasts, where that is known.

    `program` is the name that the process of the pid file must have, '' where nobody said it.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    slug = models.CharField(max_length=63, unique=True)
    words = models.CharField(max_length=200)
    path = models.CharField(max_length=500, unique=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+")
    reload = models.CharField(max_length=16, choices=Reload.choices, default=Reload.NONE)
    pid_file = models.CharField(max_length=500, default="")
    program = models.CharField(max_length=200, default="")
    command = models.JSONField(default=list)
    log_file = models.CharField(max_length=500, default="")
    is_production = models.BooleanField(default=True)
    epoch_seconds = models.PositiveBigIntegerField(null=True)
    created = models.DateTimeField()
    adopted = models.DateTimeField(null=True)

    class Meta:
        db_table = "evidenceos_target"
        ordering: ClassVar[list[str]] = ["slug"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(slug__regex=f"^{NAME_PATTERN}$"), name="target_slug_form"),
            models.CheckConstraint(condition=models.Q(reload__in=Reload.values), name="target_reload_known"),
        ]

    def __str__(self) -> str:
        return self.slug
