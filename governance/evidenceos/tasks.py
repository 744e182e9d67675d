"""Celery's shim of EvidenceOS: calls one action with the clock. How often stands in `evidenceos.schedule`."""

from __future__ import annotations

import os

from celery import shared_task
from django.utils import timezone

from governance.evidenceos.actions.watch import tend as tending
from governance.identity.moment import Moment


@shared_task
def tend() -> int:
    """Write what is decided, tell and watch the daemons, and find foreign writes."""
    return tending(Moment(timezone.now(), os.urandom))
