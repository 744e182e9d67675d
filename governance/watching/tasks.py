"""Celery's shims of watching: each calls one service with the clock. How often stands in `watching.schedule`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from governance.watching.services import mailing
from governance.watching.services import sweep as sweeping


@shared_task
def sweep() -> int:
    """Observe the streams that are due, and tell who asked for it."""
    return sweeping.sweep(timezone.now())


@shared_task
def deliver() -> int:
    """Send the mails that are due."""
    return mailing.deliver(timezone.now())
