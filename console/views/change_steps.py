"""Steps of a change: the unsigned ones by their buttons, and signed ones handed in as files from another signer."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import contained_memo, denials, waiting_memo
from console.api.body import member_bytes
from console.presence import require_presence
from console.views.change_access import asks, moment_of, refused, seen
from console.views.guard import page
from console.views.step_up import step_up_required
from console.views.visit import Refused
from governance.change.actions.ask import ask_to_sign
from governance.change.actions.comment import comment_on
from governance.change.actions.hold import hold_change, release_change
from governance.change.actions.incident import note_incident
from governance.change.actions.issue import issue_statement
from governance.change.actions.rebase import rebase_change
from governance.change.actions.revert import draft_revert
from governance.change.actions.submit import submit_change
from governance.change.actions.take_word import take_word
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.verbs import Verb
from governance.identity.factors import STEP_UP_AGE
from ledger.core.strict_json import parse
from ledger.errors import RequestError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from console.views.visit import Visit
    from governance.change.models import Change
    from ledger.core.types import JSON, JSONObject

MOST_ENVELOPE = 131_072
ELSEWHERE: dict[str, JSON] = {"kind": "command", "bundle": "0" * 64}
"""A signer whose code this server has no digest of."""
SIGNED = "Your signature was verified and is recorded."
_DONE = {
    "ask": "They are asked. The link that they get opens this page and approves nothing.",
    "close": "The incident is closed.",
    "note": "The entry stands in the incident's timeline.",
    "comment": "The comment is recorded.",
    "hold": "The change is held.",
    "release": "The change is released and in review again; its lock begins anew.",
    "rebase": "The change starts from what is there now, and is in review again.",
    "submit": "The change is in review. Whoever can sign it sees it in their list.",
    "withdraw": "The change is withdrawn.",
}


@page("POST")
@step_up_required(STEP_UP_AGE, back="changes")
def step(visit: Visit, change_id: uuid.UUID, name: str) -> HttpResponse:
    """Take an unsigned step, and come back to the change."""
    seen(visit, change_id)
    try:
        _STEPS[name](visit, str(change_id))
    except RequestError as error:
        raise refused(error) from error
    _forget(visit)
    messages.add_message(visit.request, messages.INFO, _DONE[name], extra_tags="pass")
    return HttpResponseRedirect(reverse("change", args=(change_id,)))


@page("POST")
@step_up_required(STEP_UP_AGE, back="changes")
def revert(visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """Draft the way back that was signed, and open that draft: its executor signs there."""
    seen(visit, change_id)
    try:
        row = draft_revert(str(change_id), asks(visit)("reason"), by=visit.principal, at=moment_of(visit))
    except RequestError as error:
        raise refused(error) from error
    return HttpResponseRedirect(reverse("change", args=(row.public_id,)))


@page("GET")
def statement(visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """The statement to sign elsewhere, as the file that the command-line signer reads."""
    seen(visit, change_id)
    verb, kid = visit.request.GET.get("verb", ""), visit.request.GET.get("key", "")
    if verb not in set(Verb):
        raise Refused("There is no such step.", "The address names none that can be signed.", "Use a link of the page.")
    try:
        issued = issue_statement(
            str(change_id), Verb(verb), kid, by=visit.principal, at=moment_of(visit), client=ELSEWHERE
        )
    except RequestError as error:
        raise refused(error) from error
    told = {
        "payload_type": issued.payload_type,
        "statement": base64.b64encode(issued.raw).decode(),
        "code": issued.code,
        **({"native": issued.native} if issued.native is not None else {}),
    }
    name = f"statement-{verb}-{str(change_id)[:8]}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(json.dumps(told, indent=1), "application/json", headers=headers)


@page("POST")
@step_up_required(STEP_UP_AGE, back="changes")
def words(visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """An envelope that was signed elsewhere."""
    seen(visit, change_id)
    given = visit.request.FILES.get("envelope")
    if given is None or (given.size or 0) > MOST_ENVELOPE:
        raise Refused("This is no envelope.", "A file of at most 128 KiB is expected.", "Choose the signer's output.")
    try:
        require_presence(visit.request, visit.principal, visit.now)
        envelope, native = answer_in(given.read())
        take_word(str(change_id), envelope, by=visit.principal, at=moment_of(visit), native=native)
    except RequestError as error:
        if not getattr(error, "recorded", False):
            denials.record(visit.request, error.code, visit.principal.actor)
        raise refused(error) from error
    _forget(visit)
    messages.add_message(visit.request, messages.INFO, SIGNED, extra_tags="pass")
    return HttpResponseRedirect(reverse("change", args=(change_id,)))


def answer_in(data: bytes) -> tuple[bytes, JSONObject | None]:
    """The envelope of a file and the native signatures beside it, where it holds both."""
    try:
        value = parse(data)
    except RequestError:
        return data, None
    if not isinstance(value, dict) or value.keys() != {"assertion", "envelope", "native"}:
        return data, None
    native = value["native"]
    return member_bytes(data, "envelope"), native if isinstance(native, dict) else None


def _forget(visit: Visit) -> None:
    """The next page counts and looks anew."""
    waiting_memo.forget(visit.person)
    contained_memo.forget()


def _ask(visit: Visit, change_id: str) -> Change:
    return ask_to_sign(change_id, asks(visit)("person"), by=visit.principal, at=moment_of(visit))


def _note(visit: Visit, change_id: str) -> Change:
    return note_incident(change_id, asks(visit)("text"), by=visit.principal, at=moment_of(visit))


def _close(visit: Visit, change_id: str) -> Change:
    return note_incident(change_id, asks(visit)("text"), by=visit.principal, at=moment_of(visit), closes=True)


def _submit(visit: Visit, change_id: str) -> Change:
    return submit_change(change_id, revision=_revision(visit), by=visit.principal, at=moment_of(visit))


def _rebase(visit: Visit, change_id: str) -> Change:
    return rebase_change(change_id, revision=_revision(visit), by=visit.principal, at=moment_of(visit))


def _withdraw(visit: Visit, change_id: str) -> Change:
    return withdraw_change(change_id, by=visit.principal, at=moment_of(visit))


def _comment(visit: Visit, change_id: str) -> Change:
    return comment_on(change_id, asks(visit)("text"), by=visit.principal, at=moment_of(visit))


def _hold(visit: Visit, change_id: str) -> Change:
    return hold_change(change_id, asks(visit)("reason"), by=visit.principal, at=moment_of(visit))


def _release(visit: Visit, change_id: str) -> Change:
    return release_change(change_id, by=visit.principal, at=moment_of(visit))


def _revision(visit: Visit) -> int:
    text = asks(visit)("revision")
    if not (text.isascii() and text.isdigit() and len(text) <= len("2147483647")):
        raise Refused("The revision is missing.", "The form names the text that you read.", "Open the change again.")
    return int(text)


_STEPS: dict[str, Callable[[Visit, str], Change]] = {
    "ask": _ask,
    "close": _close,
    "note": _note,
    "comment": _comment,
    "hold": _hold,
    "rebase": _rebase,
    "release": _release,
    "submit": _submit,
    "withdraw": _withdraw,
}
STEPS = tuple(_STEPS)
