"""Workers' heartbeats: a worker is well if its row is fresh; a broker's ping proves nothing."""

from __future__ import annotations

from django.db import models


class WorkerBeat(models.Model):
    """One worker process, last heard of at `beat`."""

    name = models.CharField(max_length=255, primary_key=True)
    started = models.DateTimeField()
    beat = models.DateTimeField()

    class Meta:
        db_table = "ledger_workerbeat"

    def __str__(self) -> str:
        return self.name
