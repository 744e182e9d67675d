"""Signing in and out: password, second factor, and how long a session stays fresh.

Guarantees that an unknown person and a wrong password get the same answer at the same cost, that attempts are
slowed down per person and address, that the session key changes at both steps, that refusals are recorded, and that
a recovery code begins a day in which no decision of its holder counts.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import authenticate, login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from console import denials, words
from console.addresses import client_address
from console.api.problems import ProblemError
from console.forms.signing_in import PasswordForm, RecoveryForm, TotpForm
from console.views.guard import wrong_method
from console.views.posted import body_of, object_in, refused, told
from console.views.second_factor import has_factor, locked_seconds, verify
from governance.identity.actions.bar_person import bar_person
from governance.identity.actions.take_from_bucket import sign_in_wait
from governance.identity.factors import begin_session, mark_verified
from governance.identity.moment import Moment
from governance.identity.passkeys import asserted_credential, assertion_options
from governance.identity.selectors.factors import has_passkey
from governance.identity.selectors.principals import principal_of_person
from governance.identity.sessions import end_signed_out
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django import forms
    from django.http import HttpRequest

    from governance.identity.models import Person
    from ledger.core.types import JSONObject

WRONG_PAIR = "This e-mail and password do not go together."
WRONG_CODE = "This code is not right, or it was used before."
_ENDED = {
    "idle": "You were signed out after 15 minutes without a page.",
    "absolute": "You were signed out: a session lasts 8 hours at most.",
}


@never_cache
@sensitive_post_parameters("password")
def password(request: HttpRequest) -> HttpResponse:
    """The first step."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return wrong_method(request, ("GET", "POST"))
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _try_password(request, form, timezone.now())
    ended = _ENDED.get(request.GET.get("ended", ""), "")
    return _step(request, "identity/login.html", form, extra=ended)


def _try_password(request: HttpRequest, form: PasswordForm, now: datetime) -> HttpResponse:
    email, secret = form.cleaned_data["email"], form.cleaned_data["password"]
    if wait := sign_in_wait("password", email, client_address(request), now):
        return _slowed(request, "identity/login.html", form, wait)
    person = authenticate(request, username=email.strip().lower(), password=secret)
    if person is None:
        form.add_error(None, WRONG_PAIR)
        return _denied(request, "identity/login.html", form, "password_wrong")
    login(request, person)
    begin_session(request, now)
    return HttpResponseRedirect(_with_next(request, "login-otp"))


@never_cache
@sensitive_post_parameters("code")
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step; also where somebody signed in makes the session fresh again."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return wrong_method(request, ("GET", "POST"))
    if not request.user.is_authenticated:
        return HttpResponseRedirect(_with_next(request, "login"))
    if not has_factor(request.user):
        return render(request, "identity/no_factor.html", status=403)
    recovering = request.GET.get("with") == "recovery"
    form = RecoveryForm(request.POST or None) if recovering else TotpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _try_code(request, form, timezone.now())
    return _step(request, "identity/login_otp.html", form)


def _try_code(request: HttpRequest, form: TotpForm | RecoveryForm, now: datetime) -> HttpResponse:
    who = str(request.user.pk)
    recovering = isinstance(form, RecoveryForm)
    wait = sign_in_wait("otp", who, client_address(request), now)
    if wait := wait or locked_seconds(request.user, now, recovering=recovering):
        return _slowed(request, "identity/login_otp.html", form, wait)
    device = verify(request.user, form.token(), recovering=recovering)
    if device is None:
        form.add_error("code", WRONG_CODE)
        return _denied(request, "identity/login_otp.html", form, "second_factor_wrong")
    mark_verified(request, device, now)
    if recovering:
        _bar(request, now)
    return HttpResponseRedirect(_safe_next(request) or reverse("overview"))


def _bar(request: HttpRequest, now: datetime) -> None:
    """A recovery code opens a login and nothing else: for a day no decision counts, and the approvers hear of it."""
    person = cast("Person", request.user)
    by = principal_of_person(person, now)
    if by is not None:
        bar_person(person, "a recovery code was used to sign in", by=by, at=Moment(now, secrets.token_bytes))


@never_cache
def passkey_begin(request: HttpRequest) -> HttpResponse:
    """Options for `navigator.credentials.get`: the second step with a passkey."""
    return _passkey(request, lambda person, now, _: {"options": assertion_options(request, person, now)})


@never_cache
def passkey_complete(request: HttpRequest) -> HttpResponse:
    """The second step with a passkey; also where somebody signed in makes the session fresh again."""

    def complete(person: Person, now: datetime, data: JSONObject) -> dict[str, Any]:
        device = asserted_credential(request, person, object_in(data, "credential"), now)
        mark_verified(request, device, now)
        return {"next": _safe_next(request) or reverse("overview")}

    return _passkey(request, complete)


def _passkey(
    request: HttpRequest, answer: Callable[[Person, datetime, JSONObject], dict[str, Any]]
) -> HttpResponse:  # fmt: skip
    now = timezone.now()
    person = request.user if request.user.is_authenticated else None
    try:
        if person is None:
            raise ProblemError("credentials_missing", "Give your password first.")
        if wait := sign_in_wait("otp", str(person.pk), client_address(request), now):
            raise ProblemError("rate_limited", f"The next attempt is taken in {words.duration(wait)}.")
        return told(answer(person, now, body_of(request)))
    except (LedgerError, ProblemError) as error:
        return refused(request, error, person.actor if person is not None else None)


@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.method != "POST":
        return wrong_method(request, ("POST",))
    end_signed_out(request.session, timezone.now())
    logout(request)
    return HttpResponseRedirect(reverse("login"))


def _step(request: HttpRequest, template: str, form: forms.Form, *, status: int = 200, extra: str = "") -> HttpResponse:
    context = {
        "form": form,
        "next": _safe_next(request),
        "told": extra,
        "recovering": isinstance(form, RecoveryForm),
        "passkey": request.user.is_authenticated and has_passkey(request.user),
    }
    return render(request, template, context, status=status)


def _denied(request: HttpRequest, template: str, form: forms.Form, code: str) -> HttpResponse:
    denials.record(request, code)
    return _step(request, template, form, status=403)


def _slowed(request: HttpRequest, template: str, form: forms.Form, wait: int) -> HttpResponse:
    form.add_error(None, f"Too many attempts from here. The next one is taken in {words.duration(wait)}.")
    denials.record(request, "rate_limited")
    response = _step(request, template, form, status=429)
    response["Retry-After"] = str(wait)
    return response


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    fits = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if fits else ""


def _with_next(request: HttpRequest, step: str) -> str:
    wanted = _safe_next(request)
    return reverse(step, query={"next": wanted}) if wanted else reverse(step)
