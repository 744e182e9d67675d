"""Jobs: work that outlives a request. The row is committed first; a broker only carries its id.

Guarantees that a worker which lost its lease cannot finish a job: every claim raises `fencing`, and every
later write names the number it was given.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    """A job ends in one of the last three."""

    QUEUED = "queued", "queued"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class Job(models.Model):
    """One piece of work; `actor` is opaque, `params` what it needs, `result` or `error` what came of it."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=32)
    namespace = models.CharField(max_length=64, blank=True)
    actor = models.CharField(max_length=128)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=JobState.choices, default=JobState.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=32, blank=True)
    message = models.CharField(max_length=255, blank=True)
    created = models.DateTimeField()
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    fencing = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)

    class Meta:
        db_table = "ledger_job"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(condition=Q(done__gte=0), name="job_done_not_negative"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created"], name="job_open_by_age", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["namespace", "id"], name="job_by_namespace"),
            models.Index(fields=["actor", "id"], name="job_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
