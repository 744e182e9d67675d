"""The journal: what a decided change writes, in order, kept before the first byte is written.

Guarantees that a change that was decided is ended after a crash at any step: each step says what the file was before
and what it is afterwards, so that whoever goes on can tell which steps are done.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from governance.evidenceos.models.target import Target


class PlanState(models.TextChoices):
    """Given up: somebody at the server ended it unwritten, with a reason, because the file had moved."""

    PLANNED = "planned", "planned"
    WRITTEN = "written", "written"
    GIVEN_UP = "given_up", "given up"


class Effective(models.TextChoices):
    """When the daemon goes by what was written."""

    IMMEDIATE = "immediate", "immediate"
    RELOAD = "reload", "needs a reload"
    RESTART = "restart", "needs a restart"
    STOPPED = "stopped", "needs the daemon stopped"


class Seen(models.TextChoices):
    """By what the daemon was seen to go by what was written."""

    RELOAD = "reload", "a line of its log"
    RESTART = "restart", "its lock, taken anew"
    HEAD = "head", "a tree head of the new key"


class Plan(models.Model):
    """`steps` are {act, path, before, after, data}: SHA-256 in hex ('' where there is no file), data in base64.

    `log_mark` is how long the daemon's log was, and which file, when it was told: what it says behind that counts.
    `lock_mark` is which file its lock was once everything was written: another one is a restart. `tried` is when
    telling it failed last, `observed_as` by what it was observed ('' while it is not).
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, editable=False)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="plans")
    change = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    index = models.BigIntegerField()
    steps = models.JSONField()
    effective = models.CharField(max_length=16, choices=Effective.choices)
    state = models.CharField(max_length=16, choices=PlanState.choices, default=PlanState.PLANNED)
    created = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    reload_sent = models.DateTimeField(null=True)
    tried = models.DateTimeField(null=True)
    log_mark = models.JSONField(null=True)
    lock_mark = models.JSONField(null=True)
    observed = models.DateTimeField(null=True)
    observed_by = models.CharField(max_length=200, default="")
    observed_as = models.CharField(max_length=16, choices=Seen.choices, default="")
    code = models.CharField(max_length=64, default="")
    why = models.CharField(max_length=500, default="")

    class Meta:
        db_table = "evidenceos_plan"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(state__in=PlanState.values), name="plan_state_known"),
            models.CheckConstraint(condition=models.Q(effective__in=Effective.values), name="plan_effective_known"),
            models.UniqueConstraint(
                fields=["target"], condition=models.Q(state=PlanState.PLANNED), name="plan_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.change}"
