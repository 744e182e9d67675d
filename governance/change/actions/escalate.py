"""Asks that nobody answered escalate once, on a timer: `telling` notes for people what escalated."""

from __future__ import annotations

from datetime import timedelta

from governance.change.core.states import State
from governance.change.models import Ask
from governance.identity.moment import Moment

PATIENCE = timedelta(hours=24)


def escalate_asks(*, at: Moment) -> int:
    """Mark the asks of open changes that have waited for a day; returns how many there are."""
    waiting = Ask.objects.filter(
        answered__isnull=True, escalated__isnull=True, at__lte=at.now - PATIENCE, change__state=State.IN_REVIEW
    )
    return waiting.update(escalated=at.now)
