"""One governed file of a target as it was written or adopted last, and what came of it: four states, each by itself.

`written` says that the bytes are durably there; `reload_sent` that the daemon was told; `observed` that it was seen to
go by them (None: not evaluated); `drifted` that the file is something else now.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.evidenceos.models.plan import Plan
from governance.evidenceos.models.target import Target


class Artefact(models.Model):
    """`sha256` '' is a file that is not to be there; `change` '' where it was adopted."""

    id = models.BigAutoField(primary_key=True)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="artefacts")
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="artefacts")
    change = models.CharField(max_length=64, default="")
    index = models.BigIntegerField()
    written = models.DateTimeField()
    reload_sent = models.DateTimeField(null=True)
    observed = models.DateTimeField(null=True)
    observed_by = models.CharField(max_length=200, default="")
    drifted = models.DateTimeField(null=True)

    class Meta:
        db_table = "evidenceos_artefact"
        ordering: ClassVar[list[str]] = ["path"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["target", "path"], name="artefact_once"),
        ]

    def __str__(self) -> str:
        return self.path
