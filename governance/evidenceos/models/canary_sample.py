"""A canary as the watcher saw it whenever it had changed: what is drawn against the barrier over time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.evidenceos.models.target import Target


class CanarySample(models.Model):
    """`at` is when the watcher looked: two workers may look in one order and write in the other."""

    id = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="canary_samples")
    key = models.CharField(max_length=300)
    e_drift = models.FloatField()
    barrier = models.FloatField()
    epoch = models.DecimalField(max_digits=20, decimal_places=0)
    frozen = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        db_table = "evidenceos_canarysample"
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target", "key", "id"], name="canary_in_time"),
            models.Index(fields=["target", "key", "at", "id"], name="canary_by_moment"),
        ]

    def __str__(self) -> str:
        return self.key
