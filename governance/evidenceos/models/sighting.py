"""What the watcher found in a directory that nobody here wrote; open until the file is as it was, or adopted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.evidenceos.models.target import Target


class Found(models.TextChoices):
    """How a file differs from what was written or adopted last."""

    ALTERED = "altered", "altered"
    MISSING = "missing", "missing"
    APPEARED = "appeared", "appeared"
    UNREADABLE = "unreadable", "unreadable"


class Sighting(models.Model):
    """`expected` and `found` are SHA-256 in hex, '' where there is no such file."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="sightings")
    path = models.CharField(max_length=500)
    code = models.CharField(max_length=16, choices=Found.choices)
    expected = models.CharField(max_length=64)
    found = models.CharField(max_length=64)
    seen = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=128, default="")

    class Meta:
        db_table = "evidenceos_sighting"
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(code__in=Found.values), name="sighting_code_known"),
            models.UniqueConstraint(
                fields=["target", "path"], condition=models.Q(ended__isnull=True), name="sighting_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.code}"
