"""One's own account: who I am here, how fresh this session is, and which tokens speak for me."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseRedirect
from django.urls import reverse

from console.views.guard import page
from console.views.step_up import step_up_required
from governance.identity.actions.end_sessions import end_sessions as end_every_session
from governance.identity.factors import (
    ABSOLUTE_LIMIT,
    ASSURANCE,
    BEGAN,
    IDLE_LIMIT,
    STEP_UP_AGE,
    VERIFIED_AT,
    Assurance,
    verified_within,
)
from governance.identity.moment import Moment
from governance.identity.selectors.tenants import personal_tokens_of
from governance.identity.sessions import keep_row

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit


_FACTORS = {one.value: one.words for one in Assurance}


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The account of the reader."""
    session = visit.request.session
    return visit.page(
        "identity/account.html",
        {
            "memberships": visit.memberships,
            "tokens": personal_tokens_of(visit.person, visit.now),
            "fresh": verified_within(visit.request, STEP_UP_AGE, visit.now),
            "fresh_for": STEP_UP_AGE,
            "factor": _FACTORS.get(str(session.get(ASSURANCE)), "unknown"),
            "verified_at": _moment(session.get(VERIFIED_AT)),
            "ends": _ends(session.get(BEGAN)),
            "idle": IDLE_LIMIT,
        },
    )


@page("POST")
@step_up_required(STEP_UP_AGE, back="account")
def end_sessions(visit: Visit) -> HttpResponse:
    """End every other session; this one goes on under a new key."""
    person = end_every_session(visit.person, by=visit.principal, at=Moment(visit.now, secrets.token_bytes))
    update_session_auth_hash(visit.request, person)
    keep_row(visit.request.session, person)
    told = "Your other sessions are ended: each of them has to sign in again. This one goes on."
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(reverse("account"))


def _moment(stamp: float | None) -> datetime | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, tz=UTC)


def _ends(began: float | None) -> datetime | None:
    start = _moment(began)
    return None if start is None else start + ABSOLUTE_LIMIT
