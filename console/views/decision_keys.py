"""One's own decision keys: which there are, registering one by the signing page or a file, giving one up."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console.forms.decision_keys import FileKeyForm, GiveUpForm, ProofForm
from console.views.factors import moment
from console.views.guard import page
from console.views.posted import object_in, posted, refused, told
from console.views.step_up import step_up_required
from console.views.visit import Hidden, Refused
from governance.change.core.possession import filled, words_of
from governance.change.core.verbs import Verb
from governance.change.selectors.enrolment import enrolment_fields, possession_in
from governance.identity.actions.register_person_key import DeclaredPasskey, register_person_key
from governance.identity.actions.revoke_person_key import revoke_person_key
from governance.identity.core.person_keys import Custody, KeyState, KeyUse, decision_kid
from governance.identity.errors import IdentityRefused
from governance.identity.factors import STEP_UP_AGE
from governance.identity.passkeys import declared_model, proven_passkey
from governance.identity.selectors.person_keys import key_by_kid, key_row, keys_of
from ledger.core.canonical import canonical
from ledger.core.dsse import pae, parse_envelope
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from console.views.visit import Visit
    from governance.identity.models import PersonKey
    from governance.identity.selectors.person_keys import PersonKeyView
    from ledger.core.types import JSONObject

CEREMONY = timedelta(minutes=30)
"""How long an enrolment on the signing page may take: its fields were given to somebody fresh, and the key waits."""
_STATES = {KeyState.ACTIVE: "pass", KeyState.PENDING: "stale", KeyState.REVOKED: "not_evaluated"}
_TOLD = {KeyState.ACTIVE: "counts", KeyState.PENDING: "waits for a second person", KeyState.REVOKED: "revoked"}


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """My keys, and the ways to a new one."""
    rows = keys_of(visit.person)
    live = [key for key in rows if key.state is KeyState.ACTIVE]
    context = {
        "rows": [_shown(key) for key in reversed(rows)],
        "live": [_shown(key) for key in live],
        "answer": _answer(rows),
        "barred": visit.person.barred_until if _is_barred(visit) else None,
    }
    return visit.page("identity/decision_keys.html", context)


@page("GET")
@step_up_required(STEP_UP_AGE, back="decision-keys")
def new(visit: Visit) -> HttpResponse:
    """The way to a new key, or to one that replaces `?replaces=`: the ceremony itself is the signing page's."""
    replaces = visit.request.GET.get("replaces", "")
    held = {key.kid: key for key in keys_of(visit.person) if key.state is KeyState.ACTIVE}
    query = {"replaces": replaces} if replaces in held else {}
    context = {
        "old": _shown(held[replaces]) if replaces in held else None,
        "signer": f"{settings.COUNTERSIGN_SIGN_ORIGIN}{reverse('sign')}",
        "fields": reverse("decision-key-fields", query=query) if query else reverse("decision-key-fields"),
        "fields_both": reverse("decision-key-fields", query={"native": "beside"}),
        "fields_native": reverse("decision-key-fields", query={"native": "alone"}),
        "decides": any(key.use is KeyUse.DECISION for key in held.values()),
    }
    return visit.page("identity/decision_key_new.html", context)


@page("GET")
@step_up_required(STEP_UP_AGE, back="decision-keys")
def fields(visit: Visit) -> HttpResponse:
    """What the signing page completes: the statement of a new key, or of one that replaces `?replaces=`; of a native
    key `?native=alone`, or `?native=beside` it.
    """
    native = visit.request.GET.get("native", "")
    try:
        first = _fields(visit, use=KeyUse.NATIVE if native == "alone" else None)
        more = {"native_fields": _fields(visit, use=KeyUse.NATIVE)} if native == "beside" else {}
        return told({"statement_fields": first, **more})
    except LedgerError as error:
        return refused(visit.request, error, visit.principal.actor)


@posted(fresh=CEREMONY)
def register(visit: Visit, data: JSONObject) -> dict[str, Any]:
    """Keep the public key that the signing page made, and the native one that it made beside it: both or none."""
    envelope = canonical(object_in(data, "envelope"))
    passkey = _passkey(data, envelope) if data.get("credential") is not None else None
    with transaction.atomic():
        rows = [_register(visit, envelope, f"key of {visit.now:%Y-%m-%d}", passkey)]
        if data.get("native") is not None:
            other = canonical(object_in(object_in(data, "native"), "envelope"))
            rows.append(_register(visit, other, f"native key of {visit.now:%Y-%m-%d}", None))
    for row in rows:
        messages.add_message(visit.request, messages.INFO, _registered(row), extra_tags="pass")
    return {"kid": rows[0].kid, "state": rows[0].state, "next": reverse("decision-keys")}


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="decision-key-file")
def from_file(visit: Visit) -> HttpResponse:
    """A key of the command line or an offline file: its public half in, a statement to sign out, the envelope back."""
    form = FileKeyForm(visit.request.POST or None)
    proof = ProofForm(visit.request.POST if "envelope" in visit.request.POST else None)
    if proof.is_bound and proof.is_valid():
        return _keep_file(visit, proof)
    shown: dict[str, Any] = {"form": form, "proof": proof, "actor": visit.person.actor, "origin": _origin(visit)}
    if form.is_bound and not proof.is_bound and form.is_valid():
        shown |= {"statement": _statement(visit, form), "proof": ProofForm(initial={"name": form.cleaned_data["name"]})}
    bad = (proof.is_bound and bool(proof.errors)) or (form.is_bound and not proof.is_bound and bool(form.errors))
    return visit.page("identity/decision_key_file.html", shown, 422 if bad else 200)


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="decision-keys")
def give_up(visit: Visit, kid: str) -> HttpResponse:
    """End a key of mine: at once, for good, with every session."""
    view = key_by_kid(kid)
    if view is None or view.person != visit.person.public_id:
        raise Hidden(visit.principal.actor)
    form = GiveUpForm(visit.request.POST or None)
    if not form.is_valid():
        context = {"key": _shown(view), "form": form}
        return visit.page("identity/decision_key_end.html", context, 422 if form.is_bound else 200)
    try:
        revoke_person_key(key_row(kid), form.cleaned_data["reason"], by=visit.principal, at=moment(visit))
    except IdentityRefused as error:
        raise Refused(f"{error.what}.", error.why, error.next_step) from error
    return HttpResponseRedirect(reverse("login"))


def _keep_file(visit: Visit, proof: ProofForm) -> HttpResponse:
    try:
        row = _register(visit, proof.octets, proof.cleaned_data["name"], None)
    except LedgerError as error:
        proof.add_error("envelope", f"{error.what}: {error.why}. {error.next_step}")
        context = {"form": FileKeyForm(), "proof": proof, "actor": visit.person.actor, "origin": _origin(visit)}
        refused(visit.request, error, visit.principal.actor)
        return visit.page("identity/decision_key_file.html", context, 422)
    messages.add_message(visit.request, messages.INFO, _registered(row), extra_tags="pass")
    return HttpResponseRedirect(reverse("decision-keys"))


def _passkey(data: JSONObject, envelope: bytes) -> DeclaredPasskey:
    """The passkey that opens the key, which answered over the very bytes that the key signed."""
    signed = parse_envelope(envelope)
    gesture = object_in(data, "assertion")
    told = object_in(data, "credential")
    model = declared_model(told)
    return DeclaredPasskey(*proven_passkey(told, gesture, pae(signed.payload_type, signed.payload)), model)


def _register(visit: Visit, envelope: bytes, name: str, passkey: DeclaredPasskey | None) -> PersonKey:
    proof = possession_in(envelope, visit.person, visit.now)
    return register_person_key(
        visit.person, proof, name, custodies=_custodies(), passkey=passkey, by=visit.principal, at=moment(visit)
    )  # fmt: skip


def _custodies() -> frozenset[Custody]:
    """Nobody registers a key of the demo outside of a demo."""
    allowed = frozenset(Custody)
    return allowed if settings.COUNTERSIGN_ENV == "demo" else allowed - {Custody.DEMO}


def _fields(visit: Visit, use: KeyUse | None = None) -> JSONObject:
    """A key that replaces another has the same use."""
    replaces = visit.request.GET.get("replaces", "") if use is None else ""
    old = key_by_kid(replaces) if replaces else None
    wanted = use or (old.use if old is not None else KeyUse.DECISION)
    return enrolment_fields(visit.person, wanted, visit.now, replaces=replaces or None)


def _statement(visit: Visit, form: FileKeyForm) -> str:
    """The file that `countersign-sign sign` takes, with the key in it."""
    asked, public = _fields(visit, form.key_use), form.public
    kid = decision_kid(form.key_use, _origin(visit), public)
    raw = canonical(filled(asked, kid=kid, public=public, custody=Custody.OFFLINE))
    return json.dumps({"payload_type": Verb.ENROL_KEY.payload_type, "statement": base64.b64encode(raw).decode()})


def _origin(visit: Visit) -> str:
    deployment = _fields(visit)["deployment"]
    return str(deployment["origin"]) if isinstance(deployment, dict) else ""


def _shown(key: PersonKeyView) -> dict[str, Any]:
    return {
        "kid": key.kid, "name": key.name, "use": key.use.words, "custody": key.custody.words,
        "tone": _STATES[key.state], "state": _TOLD[key.state], "created": key.created, "since": key.since,
        "until": key.until, "live": key.state is not KeyState.REVOKED, "active_from": key.active_from,
        "words": words_of(key.public), "replaces": key.replaces, "counts": key.state is KeyState.ACTIVE,
    }  # fmt: skip


def _answer(rows: tuple[PersonKeyView, ...]) -> str:
    deciding = [key for key in rows if key.use is KeyUse.DECISION]
    live = [key for key in deciding if key.state is KeyState.ACTIVE]
    waiting = [key for key in deciding if key.state is KeyState.PENDING]
    if live:
        return "You can sign decisions." if not waiting else "You can sign decisions; another key waits for somebody."
    return "Your key waits for a second person." if waiting else "You have no key: nothing you say is a decision yet."


def _registered(row: PersonKey) -> str:
    words = words_of(bytes(row.public))
    use = "native key" if row.use == KeyUse.NATIVE.value else "key"
    return f"The {use} is registered and waits for a second person. Read these words to them: {words}."


def _is_barred(visit: Visit) -> bool:
    return visit.person.barred_until is not None and visit.person.barred_until > visit.now
