"""What needed the hand of whoever runs the platform, from the moment it was seen until it was gone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from governance.watching.core.alarms import AlarmKind


class Alarm(models.Model):
    """One trouble of the platform for all of its operators; `told` is empty while patience lasts."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in AlarmKind])
    key = models.CharField(max_length=128)
    what = models.CharField(max_length=300)
    page = models.CharField(max_length=200)
    since = models.DateTimeField()
    told = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        db_table = "watching_alarm"
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in AlarmKind]), name="alarm_kind_known"),
            models.UniqueConstraint(fields=["key"], condition=Q(ended__isnull=True), name="alarm_one_at_a_time"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key"], name="alarm_by_key")]

    def __str__(self) -> str:
        return self.what
