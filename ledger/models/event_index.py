"""Search columns of events: derived from the objects, erasable with them, and never evidence."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ledger.models.stream import Stream


class EventIndex(models.Model):
    """What lists and filters read; `claimed_time` is the event's own `time`."""

    pk = models.CompositePrimaryKey("stream_id", "index")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    index = models.BigIntegerField()
    type = models.CharField(max_length=256)
    source = models.CharField(max_length=2048, null=True)
    event_id = models.CharField(max_length=256, null=True)
    subject = models.CharField(max_length=1024, null=True)
    claimed_time = models.DateTimeField(null=True)
    recorded = models.DateTimeField()

    class Meta:
        db_table = "ledger_eventindex"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stream", "type", "index"], name="event_by_type"),
            models.Index(fields=["stream", "recorded", "index"], name="event_by_recorded"),
            models.Index(fields=["stream", "event_id"], name="event_by_id", condition=Q(event_id__isnull=False)),
            models.Index(
                fields=["stream", "subject", "index"],
                name="event_by_subject",
                condition=Q(subject__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.index}"
