"""The log of a job: what it said on its way, one line each, kept as long as the job."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ledger.models.job import Job


class JobNote(models.Model):
    """One line: when it was said (the database's time), and what."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, db_index=False, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=255)

    class Meta:
        db_table = "ledger_jobnote"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["job", "id"], name="job_note_in_order")]

    def __str__(self) -> str:
        return self.text
