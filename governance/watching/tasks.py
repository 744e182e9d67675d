"""Celery's shims of watching: each calls one service with the clock. How often stands in `watching.schedule`."""

from __future__ import annotations

import os

from celery import shared_task
from django.utils import timezone

from governance.identity.moment import Moment
from governance.watching.services import mailing, raise_alarms, webhooks
from governance.watching.services import sweep as sweeping
from governance.watching.services import tell_changes as telling


@shared_task
def sweep() -> int:
    """Observe the streams that are due, and tell who asked for it."""
    return sweeping.sweep(timezone.now())


@shared_task
def platform() -> int:
    """Tell operators what of the platform's own work needs a hand."""
    return raise_alarms.watch_platform(Moment(timezone.now(), os.urandom))


@shared_task
def deliver() -> int:
    """Send the mails that are due."""
    return mailing.deliver(timezone.now())


@shared_task
def deliver_posts() -> int:
    """Post the webhooks that are due."""
    return webhooks.deliver_posts(timezone.now())


@shared_task
def tell_changes() -> int:
    """Tell people of what happened to changes that concern them."""
    return telling.tell_changes(Moment(timezone.now(), os.urandom))
