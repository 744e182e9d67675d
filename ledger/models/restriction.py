"""Restrictions: what a namespace or one stream may not do now. Rows go when they are lifted; the history of both is
in `_governance/changes`.

Guarantees one row for each place and kind, and none for the platform's own namespaces. What holds for a stream stands
in its head row besides (`StreamHead.restriction`), which every writer locks.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.models.stream import Stream


class RestrictionKind(models.TextChoices):
    """Suspended: read and export only. Disabled: as if it were not there. Frozen: nothing enters, nothing changes."""

    SUSPENDED = "suspended", "suspended"
    DISABLED = "disabled", "disabled"
    FROZEN = "frozen", "frozen"


class Restriction(models.Model):
    """Of one stream, or (`stream` null) of every stream of the namespace, also of those that come later."""

    id = models.BigAutoField(primary_key=True)
    namespace = models.CharField(max_length=64)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=RestrictionKind.choices)
    decision = models.CharField(max_length=64, blank=True)
    actor = models.CharField(max_length=128)
    reason = models.CharField(max_length=500)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ledger_restriction"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["namespace", "stream", "kind"], nulls_distinct=False, name="restriction_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=RestrictionKind.values), name="restriction_kind_known"),
            models.CheckConstraint(condition=~Q(namespace__startswith="_"), name="restriction_of_tenants"),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.kind}"
