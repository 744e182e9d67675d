"""One's own sessions: where I am signed in, and ending one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import words
from console.browsers import browser_words
from console.views.factors import moment
from console.views.guard import page
from console.views.step_up import step_up_required
from console.views.visit import Refused
from governance.identity.actions.revoke_session import revoke_session
from governance.identity.errors import IdentityRefused
from governance.identity.factors import ABSOLUTE_LIMIT, IDLE_LIMIT, STEP_UP_AGE, Assurance
from governance.identity.sessions import ROW, open_sessions

if TYPE_CHECKING:
    from console.views.visit import Visit


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """Every session that opens something, this one first."""
    mine = visit.request.session.get(ROW)
    rows = sorted(open_sessions(visit.person), key=lambda row: str(row.public_id) != mine)
    context = {
        "rows": [(row, str(row.public_id) == mine, _factor(row.factor), browser_words(row.agent)) for row in rows],
        "answer": f"You have {words.counted(len(rows), 'session')} open.",
        "idle": IDLE_LIMIT,
        "longest": ABSOLUTE_LIMIT,
        "fresh_for": STEP_UP_AGE,
    }
    return visit.page("identity/sessions.html", context)


@page("POST")
@step_up_required(STEP_UP_AGE, back="sessions")
def end(visit: Visit, public_id: UUID) -> HttpResponse:
    """End one; the present one is signed out."""
    try:
        revoke_session(visit.person, public_id, by=visit.principal, at=moment(visit))
    except IdentityRefused as refused:
        raise Refused(f"{refused.what}.", refused.why or "It ended by itself.", refused.next_step) from refused
    if str(public_id) == visit.request.session.get(ROW):
        logout(visit.request)
        return HttpResponseRedirect(reverse("login"))
    messages.add_message(visit.request, messages.INFO, "That session is ended.", extra_tags="pass")
    return HttpResponseRedirect(reverse("sessions"))


def _factor(value: str) -> str:
    return Assurance(value).words if value in list(Assurance) else "none yet"
