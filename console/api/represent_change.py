"""Changes, their effects and policies as JSON."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from console.api.encoding import moment
from governance.change.actions.issue import Issued
from governance.change.core.diff import differences
from governance.change.selectors.changes import ChangeListed, ChangeView, RevisionView, WordView
from governance.change.selectors.editing import edit_warning
from governance.change.selectors.effects import Effect
from governance.change.selectors.policies import PolicyView
from governance.change.types.base import Finding
from ledger.core.canonical import canonical

Json = dict[str, Any]


def change_row(row: ChangeListed) -> Json:
    """A change in a list."""
    return {
        "id": row.id,
        "type": row.type,
        "subject": row.subject,
        "tenant": row.tenant,
        "state": row.state.value,
        "revision": row.revision,
        "author": row.author,
        "created": moment(row.created),
        "moved": moment(row.moved),
        "ready_at": _second(row.ready_at),
        "not_after": _second(row.not_after),
        "links": {"self": reverse("api:change", args=(row.id,)), "page": reverse("change", args=(row.id,))},
    }


def change(view: ChangeView, reader: str) -> Json:
    """A change, whole; `reader` is told what an edit would cost them."""
    current, stands = view.current, view.standing
    slots = stands.quorum.slots if stands is not None else ()
    return {
        **change_row(view.listed),
        "body": current.body,
        "reason": current.reason,
        "effect": effect(current),
        "rule": current.rule,
        "policy": current.policy,
        "met": stands is not None and stands.quorum.met,
        "slots": [{"group": one.group, "person": one.person, "could": [*one.could]} for one in slots],
        "words": [_word(one) for one in view.words],
        "comments": [
            {"by": one.by, "revision": one.revision, "text": one.text, "at": moment(one.at)} for one in view.comments
        ],
        "executor": view.executor,
        "applied_index": view.applied_index,
        "observe_until": _second(view.observe_until),
        "outcome": view.outcome,
        "reverts": view.reverts,
        "edit_warning": edit_warning(view, reader) or None,
    }


def effect(told: RevisionView | Effect) -> Json:
    """Old, new and what it means."""
    return {
        "base": told.base,
        "result": told.result,
        "diff": differences(told.base, told.result),
        "direction": str(told.direction),
        "invalidates": [*told.invalidates],
        "way_back": told.way_back,
    }


def finding(one: Finding) -> Json:
    """A preflight check."""
    return {"code": one.code, "state": one.state.value, "words": one.words, "next": one.next}


def statement(issued: Issued, policy: PolicyView | None) -> Json:
    """What the signing page is given."""
    text = canonical(policy.policy.to_json()) if policy is not None else b""
    return {
        "payload_type": issued.payload_type,
        "statement": base64.b64encode(issued.raw).decode(),
        "code": issued.code,
        "nonce_expires": moment(issued.nonce_expires),
        "policy": base64.b64encode(text).decode(),
        "native": issued.native,
    }


def policy(view: PolicyView) -> Json:
    """A version of the policy."""
    return {
        "number": view.number,
        "digest": view.digest,
        "since": moment(view.at),
        "decision": view.decision,
        "policy": view.policy.to_json(),
    }


def _word(one: WordView) -> Json:
    return {
        "verb": one.verb, "person": one.person, "key": one.kid, "revision": one.revision, "index": one.index,
        "at": moment(one.at), "code": one.code,
    }  # fmt: skip


def _second(value: int | None) -> str | None:
    return None if value is None else moment(datetime.fromtimestamp(value, UTC))
