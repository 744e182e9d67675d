"""The versions of the policy. The newest is in force.

Guarantees, with a trigger, that a version is written once; the digest names its RFC 8785 text.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class PolicyVersion(models.Model):
    """One text of the policy; `decision` is the public id of the change that made it."""

    id = models.BigAutoField(primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    text = models.JSONField()
    decision = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "change_policy"
        ordering: ClassVar[list[str]] = ["number"]

    def __str__(self) -> str:
        return f"policy {self.number}"
