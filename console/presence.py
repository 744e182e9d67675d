"""Whoever decides is there now: a second factor of the wanted kind, given a few minutes ago (reference, section 3).

A key that a passkey opens brings a gesture over the very bytes besides; the engine verifies that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from governance.change.errors import StepUpNeeded
from governance.identity.factors import STEP_UP_AGE, Assurance, verified_within

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from governance.identity.core.principal import Principal


def is_present(request: HttpRequest, by: Principal, now: datetime) -> bool:
    """Whether `by` may hand a signed word in; whoever is in no session (a token's holder) is judged by the engine.

    Headers say nothing: one that names no token leaves the caller in the session.
    """
    if not by.in_session:
        return True
    return verified_within(request, STEP_UP_AGE, now, Assurance(settings.COUNTERSIGN_STEP_UP))


def require_presence(request: HttpRequest, by: Principal, now: datetime) -> None:
    """Raise StepUpNeeded where the second factor was given too long ago, or is weaker than what is asked for here."""
    if not is_present(request, by, now):
        raise StepUpNeeded(
            "A second factor was not given within five minutes",
            why=f"a {Assurance(settings.COUNTERSIGN_STEP_UP).words} is asked for",
            next_step=f"Give it at {reverse('login-otp')}, and hand the same envelope in again.",
        )
