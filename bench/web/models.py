"""The peer's table: one row an event, nothing chained, nothing signed."""

from __future__ import annotations

from django.db import models


class Plain(models.Model):
    """An event as a row."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.TextField()
    type = models.TextField()
    source = models.TextField()
    subject = models.TextField()
    time = models.TextField()
    payload = models.TextField()

    class Meta:
        managed = False
        db_table = "bench_plain"

    def __str__(self) -> str:
        return self.event_id
