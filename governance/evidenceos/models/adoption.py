"""What a directory held when it was taken over: every file with its verdict. Written once, in the database too."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.evidenceos.models.target import Target


class Adoption(models.Model):
    """`files` are rows {path, kind, size, sha256, verdict, faults}; `index` is the event's in `_governance/changes`."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="adoptions")
    by = models.CharField(max_length=128)
    verdict = models.CharField(max_length=16)
    files = models.JSONField()
    index = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "evidenceos_adoption"
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.target_id} at {self.at}"
