"""Workers' heartbeats, and the end of those that were not heard of for a day."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from ledger.models import WorkerBeat

BEAT_EVERY_S = 10
FORGOTTEN_AFTER = timedelta(days=1)


def beat(name: str, *, first: bool = False) -> None:
    """Say that the worker `name` lives; `first` also sets when it started."""
    now: dict[str, object] = {"beat": Now()}
    if first or not WorkerBeat.objects.filter(name=name).update(**now):
        WorkerBeat.objects.update_or_create(name=name, defaults={"started": Now(), "beat": Now()})
        WorkerBeat.objects.filter(beat__lt=Now() - FORGOTTEN_AFTER).delete()


def leave(name: str) -> None:
    """Say that the worker `name` has ended in order."""
    WorkerBeat.objects.filter(name=name).delete()
