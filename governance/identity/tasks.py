"""Celery's shims of identity: each calls one function with the clock. How often stands in `identity.schedule`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from governance.identity.actions import mails
from governance.identity.factors import ABSOLUTE_LIMIT
from governance.identity.sessions import tidy_sessions


@shared_task
def deliver() -> int:
    """Send the mails that are due."""
    return mails.deliver(timezone.now())


@shared_task
def tidy() -> int:
    """Put away the rows of sessions that are over."""
    return tidy_sessions(timezone.now(), ABSOLUTE_LIMIT)
