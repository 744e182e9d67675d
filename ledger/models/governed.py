"""Since when decisions are needed: one row, written by the founding, never changed.

Guarantees that a founded deployment stays founded: the table takes one row and is append-only.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Governed(models.Model):
    """`change` is the public id of the genesis change, `index` its leaf in `_governance/changes`, `genesis` its
    digest.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    change = models.CharField(max_length=64)
    index = models.BigIntegerField()
    genesis = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_governed"
        verbose_name_plural = "governed"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="governed_once"),
            models.CheckConstraint(condition=~Q(change=""), name="governed_by_a_change"),
        ]

    def __str__(self) -> str:
        return f"since leaf {self.index}"
