"""The founding: from this row on, what the policy governs takes an executed change.

Guarantees with a trigger that there is one row at most and that it stays. Follows the governance reference,
founding ceremony.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

ONLY = 1


class Founding(models.Model):
    """Where the genesis change stands: its public id, its index in `_governance/changes`, its body's digest (hex)."""

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    change = models.CharField(max_length=64)
    index = models.BigIntegerField()
    genesis = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "identity_founding"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=ONLY), name="founding_is_one"),
            models.CheckConstraint(condition=Q(genesis__regex="^[0-9a-f]{64}$"), name="founding_digest_form"),
            models.CheckConstraint(condition=Q(index__gte=0), name="founding_index_in_the_stream"),
        ]

    def __str__(self) -> str:
        return self.change
