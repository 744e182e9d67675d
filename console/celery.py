"""Celery's application and its schedule, which lives in code. Correctness never depends on either."""

from __future__ import annotations

import os
import warnings

from celery import Celery

from governance.change import schedule as change
from governance.evidenceos import schedule as evidenceos
from governance.identity import schedule as identity
from governance.watching import schedule as watching
from ledger.queues import ROUTES
from ledger.schedule import SCHEDULE

# Whoever runs the supervisor as root chose so; tasks are JSON, never the pickled code that this warns of.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("countersign", task_cls="ledger.task:RecordingTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    **SCHEDULE, **change.CHANGES, **evidenceos.EVIDENCEOS, **identity.IDENTITY, **watching.WATCHING,
}  # fmt: skip
app.conf.beat_scheduler = "console.scheduler:SteadyScheduler"
app.conf.task_routes = {**ROUTES, **change.ROUTES, **evidenceos.ROUTES, **identity.ROUTES, **watching.ROUTES}
app.steps["worker"].add("ledger.worker.Heartbeat")  # by name: it needs the apps, which are loaded later
