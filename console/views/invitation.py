"""The pages that a ticket opens: a new person begins, or somebody enrols a factor in place of lost ones.

Guarantees that opening the link uses nothing up (mail scanners open links), that the token leaves the address at once,
and that an unknown, used or lapsed link gets one answer.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib.auth import login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from console import denials
from console.addresses import client_address
from console.forms.factors import AgainForm, BeginForm
from console.views.factors import PENDING, pending_secret, picture, spaced
from console.views.guard import wrong_method
from console.views.visit import Refused
from governance.identity.actions.accept_ticket import accept_ticket
from governance.identity.actions.take_from_bucket import sign_in_wait
from governance.identity.actions.tickets import open_ticket
from governance.identity.core.tickets import Purpose
from governance.identity.errors import TicketInvalid
from governance.identity.factors import begin_session, mark_verified
from governance.identity.moment import Moment

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from governance.identity.models import Ticket

TOKEN = "ticket"  # noqa: S105  (the name of a place in the session)
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address."""
    if request.method not in {"GET", "HEAD"}:
        return wrong_method(request, ("GET",))
    request.session[TOKEN] = token
    return HttpResponseRedirect(reverse("invitation"))


@never_cache
@sensitive_post_parameters("password", "again", "code")
def begin(request: HttpRequest) -> HttpResponse:
    """Set a password and enrol an authenticator, in one step."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return wrong_method(request, ("GET", "POST"))
    now = timezone.now()
    ticket = _ticket(request, now)
    if ticket is None:
        denials.record(request, TicketInvalid.code)
        return _refused(request)
    secret = pending_secret(request.session)
    form = _form(request, ticket, secret, now)
    if form.is_valid():
        return _accept(request, ticket, form, secret, now)
    context = {"form": form, "person": ticket.person, "secret": spaced(secret), "again": _is_again(ticket)}
    return render(request, "identity/invitation.html", context, status=422 if form.is_bound else 200)


@never_cache
def qr(request: HttpRequest) -> HttpResponse:
    """The picture of the secret, for the camera of an authenticator."""
    ticket = _ticket(request, timezone.now())
    if request.method not in {"GET", "HEAD"} or ticket is None:
        return _refused(request)
    try:
        return picture(request.session, ticket.person.email)
    except Refused:
        return _refused(request)


def _accept(
    request: HttpRequest, ticket: Ticket, form: BeginForm | AgainForm, secret: bytes, now: datetime
) -> HttpResponse:
    password = form.cleaned_data["password"]
    if _is_again(ticket):
        wait = sign_in_wait("password", ticket.person.email, client_address(request), now)
        if wait or not ticket.person.check_password(password):
            denials.record(request, "rate_limited" if wait else "password_wrong")
            form.add_error("password", "This is not your password." if not wait else f"Wait {wait} seconds.")
            context = {"form": form, "person": ticket.person, "secret": spaced(secret), "again": True}
            return render(request, "identity/invitation.html", context, status=429 if wait else 403)
    try:
        device = accept_ticket(
            ticket, None if _is_again(ticket) else password, secret, at=Moment(now, secrets.token_bytes)
        )
    except TicketInvalid:
        denials.record(request, TicketInvalid.code)
        return _refused(request)
    request.session.pop(PENDING, None)
    request.session.pop(TOKEN, None)
    ticket.person.refresh_from_db()
    login(request, ticket.person, backend=_BACKEND)
    begin_session(request, now)
    mark_verified(request, device, now)
    return HttpResponseRedirect(reverse("factors"))


def _form(request: HttpRequest, ticket: Ticket, secret: bytes, now: datetime) -> BeginForm | AgainForm:
    if _is_again(ticket):
        return AgainForm(request.POST or None, secret=secret, now=now)
    return BeginForm(request.POST or None, secret=secret, now=now, person=ticket.person)


def _ticket(request: HttpRequest, now: datetime) -> Ticket | None:
    token = str(request.session.get(TOKEN, ""))
    for purpose in Purpose:
        try:
            return open_ticket(token, purpose, now)
        except TicketInvalid:
            continue
    return None


def _is_again(ticket: Ticket) -> bool:
    return ticket.purpose == Purpose.FACTOR.value


def _refused(request: HttpRequest) -> HttpResponse:
    context = {
        "what": "This link opens nothing.",
        "why": "It was used, withdrawn, or it is older than it may be; each works once.",
        "next": TicketInvalid.default_next,
    }
    return render(request, "errors/plain.html", context, status=410)
