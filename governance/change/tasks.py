"""Celery's shims of governed change: each calls one action with the clock. How often stands in `change.schedule`."""

from __future__ import annotations

import os

from celery import shared_task
from django.utils import timezone

from governance.change.actions.advance import carry_out_ready
from governance.change.actions.escalate import escalate_asks
from governance.change.actions.issue import sweep_statements
from governance.change.actions.settle import settle_all
from governance.change.actions.telling import note_time
from governance.identity.moment import Moment


@shared_task
def settle() -> int:
    """Commit what time and others did to open changes; asks that nobody answered escalate, statements go."""
    at = Moment(timezone.now(), os.urandom)
    escalate_asks(at=at)
    sweep_statements(at=at)
    return settle_all(at=at)


@shared_task
def carry_out() -> int:
    """Carry out what is ready and was signed for in advance; it decides nothing."""
    return carry_out_ready(at=Moment(timezone.now(), os.urandom))[0]


@shared_task
def note_what_time_brought() -> int:
    """Note locks that are over, asks without an answer, and lives that end soon, so that people are told."""
    return note_time(Moment(timezone.now(), os.urandom))
