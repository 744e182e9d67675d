"""A tenant's system keys: the list, a new one, a new secret for one, and switching one off for good."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from console import words
from console.api_calls import api_call
from console.first_use import create_stream_line, first_use
from console.forms.keys import KeyForm, RotateForm
from console.views.guard import page
from console.views.step_up import step_up_required
from console.views.visit import Forbidden, Hidden
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.disable_system_key import disable_system_key
from governance.identity.actions.rotate_system_key import rotate_system_key
from governance.identity.core.names import is_platform_name
from governance.identity.core.roles import Capability
from governance.identity.errors import IdentityRefused
from governance.identity.factors import STEP_UP_AGE
from governance.identity.moment import Moment
from governance.identity.selectors.system_keys import changes_of, key_row, namespace_row, view_of
from governance.identity.selectors.tenants import system_keys_in
from ledger.errors import RequestError
from ledger.selectors import keys as signing_keys
from ledger.selectors import streams

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.identity.actions.create_system_key import IssuedKey
    from governance.identity.models import SystemKey
    from governance.identity.selectors.tenants import SystemKeyView

_ACTIVE = "active"


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """Every key of the namespaces whose events I may read."""
    readable = _readable(visit)
    found = sorted(system_keys_in(readable), key=lambda key: (key.state != _ACTIVE, key.namespace, key.name))
    context = {"rows": found, "answer": answer(found, visit), "may_manage": bool(_managed(visit))}
    context |= {"api": api_call("system-keys"), "api_note": "newest first"}
    return visit.page("keys/index.html", context)


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="key-new")
def new(visit: Visit) -> HttpResponse:
    """Ask for a key; the answer to the form shows its token, once."""
    form = KeyForm(visit.request.POST or None, namespaces=_need_managed(visit))
    if form.is_valid():
        return _create(visit, form)
    return visit.page("keys/new.html", {"form": form}, 422 if form.is_bound else 200)


@page("GET")
def detail(visit: Visit, public_id: UUID) -> HttpResponse:
    """One key, and what the platform's own ledger holds of it."""
    row = _key(visit, public_id)
    context = {
        **_context(visit, row),
        "changes": changes_of(public_id),
        "may_manage": visit.principal.may(Capability.MANAGE, row.namespace.name) and row.state == _ACTIVE,
        "api": api_call("system-key", public_id),
    }
    return visit.page("keys/detail.html", context)


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="keys")
def rotate(visit: Visit, public_id: UUID) -> HttpResponse:
    """A new secret; the old one works until a stated moment."""
    row = _managed_key(visit, public_id)
    form = RotateForm(visit.request.POST or None, now=visit.now)
    if not form.is_valid():
        return visit.page("keys/rotate.html", {**_context(visit, row), "form": form}, 422 if form.is_bound else 200)
    try:
        issued = rotate_system_key(row, form.chosen, by=visit.principal, at=_moment(visit))
    except IdentityRefused as refused:
        return _refused(visit, row, refused)
    return _reveal(visit, issued, visit.now + form.chosen)


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="keys")
def disable(visit: Visit, public_id: UUID) -> HttpResponse:
    """Switch a key off for good, after saying what that means."""
    row = _managed_key(visit, public_id)
    if visit.request.method != "POST":
        return visit.page("keys/disable.html", _context(visit, row))
    try:
        disable_system_key(row, by=visit.principal, at=_moment(visit))
    except IdentityRefused as refused:
        return _refused(visit, row, refused)
    told = f"The key {row.name} is disabled: no call with it is answered from now on. What it appended stays."
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(reverse("key", args=(public_id,)))


def answer(found: list[SystemKeyView], visit: Visit) -> str:
    """How many keys open something, and which run two secrets at the moment."""
    active = [key for key in found if key.state == _ACTIVE]
    if not active:
        return "No program can append or read here: there is no active key."
    told = f"{words.counted(len(active), 'key')} {'opens' if len(active) == 1 else 'open'} your namespaces."
    overlapping = [key.name for key in active if key.overlap_until and key.overlap_until > visit.now]
    if overlapping:
        told += f" The old secret of {words.listed(overlapping)} still works."
    return told


def _create(visit: Visit, form: KeyForm) -> HttpResponse:
    try:
        issued = create_system_key(
            namespace_row(form.cleaned_data["namespace"]),
            form.cleaned_data["name"],
            form.chosen_scopes,
            by=visit.principal,
            at=_moment(visit),
        )
    except IdentityRefused as refused:
        form.add_error("name", f"{refused.what}. {refused.next_step}")
        return visit.page("keys/new.html", {"form": form}, 422)
    return _reveal(visit, issued)


def _reveal(visit: Visit, issued: IssuedKey, until: Any = None) -> HttpResponse:
    """The token and the lines that use it: in this answer alone, which no cache keeps."""
    token, base = issued.token.reveal(), visit.request.build_absolute_uri("/").rstrip("/")
    namespace = issued.key.namespace.name
    found = streams.streams_in([namespace], limit=1)
    vkeys = signing_keys.log_keys(found[0].id).valid() if found else ()
    stream = found[0] if found else None
    context = {
        **_context(visit, issued.key),
        "token": token,
        "until": until if until and until > visit.now else None,
        "rotated": until is not None,
        "stream": stream,
        "newest": stream.size - 1 if stream else 0,
        "use": first_use(base, namespace, stream.name if stream else "decisions", token, str(next(iter(vkeys), ""))),
        "create": create_stream_line(base, namespace),
    }
    return visit.page("keys/revealed.html", context)


def _refused(visit: Visit, row: SystemKey, refused: IdentityRefused) -> HttpResponse:
    messages.add_message(visit.request, messages.ERROR, f"{refused}. {refused.next_step}", extra_tags="fail")
    return HttpResponseRedirect(reverse("key", args=(row.public_id,)))


def _context(visit: Visit, row: SystemKey) -> dict[str, Any]:
    key = view_of(row)
    overlapping = key.overlap_until if key.overlap_until and key.overlap_until > visit.now else None
    return {"key": key, "overlapping": overlapping, "actor": row.actor, "created_by": row.created_by}


def _key(visit: Visit, public_id: UUID) -> SystemKey:
    """The key, if its namespace exists for this reader; else the 404 of every unknown address."""
    try:
        row = key_row(public_id)
    except RequestError as unknown:
        raise Hidden(visit.principal.actor) from unknown
    visit.need_known(row.namespace.name)
    visit.need(Capability.READ, row.namespace.name)
    return row


def _managed_key(visit: Visit, public_id: UUID) -> SystemKey:
    row = _key(visit, public_id)
    visit.need(Capability.MANAGE, row.namespace.name)
    return row


def _readable(visit: Visit) -> frozenset[str]:
    """Namespaces whose keys I may look at; 403 where there is none."""
    found = _tenants(visit.principal.holding(Capability.READ))
    if not found:
        raise Forbidden(
            "Your roles do not let you see system keys.",
            "They are shown to members of their tenant and to its auditors.",
            "A tenant admin can propose a role in the tenant, and the platform operator enters it.",
        )
    return found


def _managed(visit: Visit) -> frozenset[str]:
    return _tenants(visit.principal.holding(Capability.MANAGE))


def _need_managed(visit: Visit) -> frozenset[str]:
    """Namespaces whose keys I manage; 403 where there is none, naming the role or the suspension."""
    found = _managed(visit)
    for namespace in sorted(_readable(visit)) if not found else ():
        visit.need(Capability.MANAGE, namespace)
    return found


def _tenants(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if not is_platform_name(name))


def _moment(visit: Visit) -> Moment:
    return Moment(visit.now, secrets.token_bytes)
