"""How the health paths of a stream were, in buckets of time, and how they are now."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from ledger.models import Stream


class HealthSample(models.Model):
    """One bucket: the worst state of each path that was seen in it, and how many events were recorded in it.

    A bucket without a check (`checks` 0) knows its events alone: they were counted from the ledger afterwards.
    """

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, db_index=False, related_name="+")
    span_s = models.PositiveIntegerField()
    start = models.DateTimeField()
    states = models.JSONField(default=dict)
    checks = models.PositiveIntegerField(default=0)
    events = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "watching_healthsample"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stream", "span_s", "start"], name="sample_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.start:%Y-%m-%dT%H:%M} {self.span_s}"


class StreamWatch(models.Model):
    """A stream as it was seen last. `marks` holds by path: state, sentence, and since when it is late or off pass."""

    stream = models.OneToOneField(Stream, on_delete=models.CASCADE, primary_key=True, related_name="+")
    checked = models.DateTimeField(null=True, db_index=True)
    quiet_since = models.DateTimeField(null=True)
    marks = models.JSONField(default=dict)

    class Meta:
        db_table = "watching_streamwatch"

    def __str__(self) -> str:
        return str(self.stream_id)
