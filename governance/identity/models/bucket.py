"""Token buckets for what must be slowed down: sign-in attempts and, where configured, calls.

The table is unlogged: after a crash of the database every bucket is full again, which is the safe side for
people who are locked out and costs an attacker one crash per burst.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Bucket(models.Model):
    """How much is left under one key, as of `updated`."""

    key = models.CharField(max_length=200, primary_key=True)
    level = models.FloatField()
    updated = models.DateTimeField()

    class Meta:
        db_table = "identity_bucket"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(level__gte=0), name="bucket_level_not_negative"),
        ]

    def __str__(self) -> str:
        return self.key
