"""One's own second factors: authenticators, passkeys, recovery codes. Each change asks for an existing factor first."""

from __future__ import annotations

import binascii
import io
import secrets
from typing import TYPE_CHECKING, Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console.forms.factors import NewAuthenticatorForm
from console.views.guard import page
from console.views.posted import object_in, posted, text_in
from console.views.step_up import step_up_required
from console.views.visit import Refused
from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.actions.enrol_totp import TOTP_SECRET_BYTES, add_authenticator
from governance.identity.actions.passkey_factors import enrol_passkey, remove_factor
from governance.identity.errors import IdentityRefused
from governance.identity.factors import STEP_UP_AGE
from governance.identity.moment import Moment
from governance.identity.one_time import otpauth_url, secret_of, secret_text
from governance.identity.passkeys import registered_credential, registration_options
from governance.identity.selectors.factors import codes_left, factors_of

if TYPE_CHECKING:
    from console.views.visit import Visit
    from ledger.core.types import JSONObject

PENDING = "pending_authenticator"


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """What I can sign in with, beside the password."""
    found = factors_of(visit.person)
    context = {"factors": found, "codes": codes_left(visit.person), "only": len(found) == 1}
    return visit.page("identity/factors.html", context)


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="factors")
def authenticator(visit: Visit) -> HttpResponse:
    """Enrol an authenticator: its secret is shown until a code proves that it was taken over."""
    secret = pending_secret(visit.request.session)
    form = NewAuthenticatorForm(visit.request.POST or None, secret=secret, now=visit.now)
    if form.is_valid():
        try:
            add_authenticator(
                visit.person, secret, form.cleaned_data["name"], by=visit.principal, at=moment(visit)
            )  # fmt: skip
        except IdentityRefused as refused:
            raise Refused(f"{refused.what}.", refused.why, refused.next_step) from refused
        visit.request.session.pop(PENDING, None)
        return _back(visit, "The authenticator is enrolled. You can sign in with it from now on.")
    context = {"form": form, "secret": spaced(secret)}
    return visit.page("identity/authenticator_new.html", context, 422 if form.is_bound else 200)


@page("GET")
@step_up_required(STEP_UP_AGE, back="factors")
def passkey(visit: Visit) -> HttpResponse:
    """Where the browser is asked for a passkey; without a script there is none."""
    return visit.page("identity/passkey_new.html", {"rp_id": settings.OTP_WEBAUTHN_RP_ID})


@posted()
def passkey_begin(visit: Visit, data: JSONObject) -> dict[str, Any]:  # noqa: ARG001  (nothing is asked for but options)
    """Options for `navigator.credentials.create`."""
    return {"options": registration_options(visit.request, visit.person, visit.now)}


@posted()
def passkey_complete(visit: Visit, data: JSONObject) -> dict[str, Any]:
    """Keep what the browser made."""
    name, credential = text_in(data, "name"), object_in(data, "credential")
    found = registered_credential(visit.request, visit.person, credential, visit.now)
    enrol_passkey(visit.person, found, name, by=visit.principal, at=moment(visit))
    told = f"The passkey {name} is enrolled. You can sign in with it from now on."
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return {"next": reverse("factors")}


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="factors")
def remove(visit: Visit) -> HttpResponse:
    """Take one away, after saying what that means; never the last one."""
    wanted = visit.request.POST.get("factor") or visit.request.GET.get("factor") or ""
    found = factors_of(visit.person)
    chosen = next((one for one in found if one.id == wanted), None)
    if chosen is None:
        raise Refused("This is no factor of yours.", "It may have been removed already.", "Open the list again.")
    if visit.request.method != "POST":
        return visit.page("identity/factor_remove.html", {"factor": chosen, "only": len(found) == 1})
    try:
        remove_factor(visit.person, chosen.id, by=visit.principal, at=moment(visit))
    except IdentityRefused as refused:
        raise Refused(f"{refused.what}.", refused.why or "It would lock you out.", refused.next_step) from refused
    return _back(visit, f"{chosen.name} is removed. Nobody signs in with it any more.")


@page("POST")
@step_up_required(STEP_UP_AGE, back="factors")
def recovery(visit: Visit) -> HttpResponse:
    """Ten new codes, shown in this answer alone; the old ones end."""
    codes = create_recovery_codes(visit.person, by=visit.principal, at=moment(visit))
    shown = "\n".join("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes)
    return visit.page("identity/recovery_codes.html", {"codes": shown})


@page("GET")
def qr(visit: Visit) -> HttpResponse:
    """The picture of the secret that waits in this session, for the camera of an authenticator."""
    return picture(visit.request.session, visit.person.email)


def picture(session: Any, email: str) -> HttpResponse:
    """An SVG of the pending secret; 404-like refusal where none waits."""
    if PENDING not in session:
        raise Refused("No secret waits here.", "It was taken over, or never made.", "Begin the enrolment again.")
    drawn = io.BytesIO()
    address = otpauth_url(pending_secret(session), email, settings.OTP_TOTP_ISSUER)
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=2, xmldecl=False, dark="#000", light="#fff")
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def pending_secret(session: Any) -> bytes:
    """The secret that waits for its first code, in this session alone; drawn where there is none."""
    try:
        return secret_of(session[PENDING])
    except (KeyError, binascii.Error):
        made = secrets.token_bytes(TOTP_SECRET_BYTES)
        session[PENDING] = secret_text(made)
        return made


def spaced(secret: bytes) -> str:
    """The secret in groups of four, for people who type it."""
    text = secret_text(secret)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def moment(visit: Visit) -> Moment:
    """Now, with the system's random bytes."""
    return Moment(visit.now, secrets.token_bytes)


def _back(visit: Visit, told: str) -> HttpResponse:
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(reverse("factors"))
