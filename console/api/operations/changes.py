"""Governed changes: list, draft, read, edit, and the effect of a body before anybody drafts it."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, cast

from django.http import HttpResponse
from django.urls import reverse

from console.api import represent_change as represent
from console.api.body import json_object, refused
from console.api.call import Call, not_found
from console.api.documented import BODY, LIMIT, UNSAFE, documented, in_path, number_in_query, text_in_query
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import choice, limit_of, short_text, whole_number
from console.api.people import fresh_in_session
from console.api.problems import ProblemError
from console.api.shapes import INDEX, TEXT, closed, paged, ref
from governance.change.actions.draft import draft_change
from governance.change.actions.edit import edit_change
from governance.change.actions.revert import draft_revert
from governance.change.core.states import State
from governance.change.errors import ChangeUnknown
from governance.change.selectors.changes import READERS, ChangeView, Scope, change_in, changes_in, scope_of
from governance.change.selectors.previews import previewed
from governance.change.types import TYPES, change_type
from governance.identity.core.principal import PrincipalKind
from governance.identity.moment import Moment
from ledger.core.types import JSONObject

CHANGE = in_path("change_id", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "The change.")
_STATES = tuple(one.value for one in State)
_TYPES = tuple(one.name for one in TYPES)
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 4_000}
_ANY: dict[str, Any] = {"type": "object"}
DRAFTS = (
    *UNSAFE, *BODY, "parameter_invalid", "change_type_unknown", "change_body_malformed", "effect_refused",
    "rule_missing", "not_founded", "policy_unsatisfiable", "too_many_open", "rejected_recently", "cap_exceeded",
    "emergency_refused", "already_founded", "cap_unbound", "policy_upside_down", "critical_online",
    "target_unreadable",
)  # fmt: skip


class ChangesRoute(Operation):
    """`changes/`"""

    @documented(
        "list_changes",
        "List the changes you may see, the newest first",
        answers={200: paged(ref("ChangeRow"))},
        parameters=[
            LIMIT,
            number_in_query("after", "`number` of the last change of the page before."),
            text_in_query("state", {"enum": [*_STATES]}, "Only this state."),
            text_in_query("type", {"enum": [*_TYPES]}, "Only this kind."),
            text_in_query("author", {"maxLength": 64}, "Only those of this author, such as `person:<id>`."),
            text_in_query("subject", {"maxLength": 512}, "Only changes of this one document: its history."),
        ],
        problems=["parameter_invalid"],
        tag="changes",
    )
    def get(self, call: Call) -> HttpResponse:
        """A page."""
        limit, after = limit_of(call.request), whole_number(call.request, "after")
        state = choice(call.request, "state", *_STATES)
        states = {State(state)} if state else ()
        told = {
            "kind": choice(call.request, "type", *_TYPES) or "",
            "author": short_text(call.request, "author", 64) or "",
        }
        told["subject"] = short_text(call.request, "subject", 512) or ""
        rows = changes_in(readable(call), states=states, after=after, limit=limit + 1, **told)
        return answer(page(call.request, rows, limit, represent.change_row, lambda row: row.number))

    @documented(
        "draft_change",
        "Draft a change; a token may do this, and its person becomes the author",
        request={"application/json": closed({"type": TEXT, "body": _ANY, "reason": _TEXT})},
        answers={201: ref("Change")},
        problems=DRAFTS,
        tag="changes",
    )
    def post(self, call: Call) -> HttpResponse:
        """Nobody can sign it before it is submitted."""
        readable(call)
        fields = json_object(call.request, {"type": str, "body": dict, "reason": str})
        kind, reason, body = _needed(fields, "type"), _needed(fields, "reason"), _needed(fields, "body")
        row = draft_change(kind, body, reason, by=call.who, at=moment_of(call))
        return shown(call, row.key, status=201, Location=reverse("api:change", args=(row.public_id,)))


class ShowChange(Operation):
    """`changes/{id}/`"""

    @documented(
        "show_change",
        "A change: where it stands, its effect, who signed, and who could",
        answers={200: ref("Change")},
        parameters=[CHANGE],
        problems=["not_found"],
        tag="changes",
    )
    def get(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """By id."""
        return shown(call, str(change_id))


class RevertChange(Operation):
    """`changes/{id}/revert/`"""

    is_deed = True

    @documented(
        "revert_change",
        "Draft the declared way back of an applied change; its executor signs that draft with the verb revert",
        request={"application/json": closed({"reason": _TEXT})},
        answers={201: ref("Change")},
        parameters=[CHANGE],
        problems=[*DRAFTS, "step_up", "not_found", "token_cannot_decide", "no_way_back"],
        tag="changes",
    )
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """Within the observation window, for an executor."""
        seen(call, str(change_id))
        fresh_in_session(call)
        reason = _needed(json_object(call.request, {"reason": str}), "reason")
        row = draft_revert(str(change_id), reason, by=call.who, at=moment_of(call))
        return shown(call, row.key, status=201, Location=reverse("api:change", args=(row.public_id,)))


class EditChange(Operation):
    """`changes/{id}/revisions/`"""

    is_deed = True

    @documented(
        "edit_change",
        "Write the next revision: every signature falls",
        request={"application/json": closed({"body": _ANY, "reason": _TEXT, "revision": INDEX})},
        answers={200: ref("Change")},
        parameters=[CHANGE],
        problems=[*DRAFTS, "not_found", "change_state", "change_revision"],
        tag="changes",
    )
    def post(self, call: Call, change_id: uuid.UUID) -> HttpResponse:
        """`revision` is the one that was read."""
        seen(call, str(change_id))
        fields = json_object(call.request, {"body": dict, "reason": str, "revision": int})
        body, reason = _needed(fields, "body"), _needed(fields, "reason")
        edit_change(
            str(change_id), body, reason, revision=_needed(fields, "revision"), by=call.who, at=moment_of(call)
        )  # fmt: skip
        return shown(call, str(change_id))


class ChangeEffect(Operation):
    """`changes/effect/`"""

    @documented(
        "change_effect",
        "The effect that a body would have now, what was checked, and the rule; nothing is kept",
        request={"application/json": closed({"type": TEXT, "body": _ANY})},
        answers={200: ref("ChangeEffect")},
        problems=DRAFTS,
        tag="changes",
    )
    def post(self, call: Call) -> HttpResponse:
        """Computed, not kept."""
        readable(call)
        fields = json_object(call.request, {"type": str, "body": dict})
        kind, body = change_type(_needed(fields, "type")), cast("JSONObject", _needed(fields, "body"))
        effect, found = previewed(kind, body, call.who, call.now)
        told = {"effect": represent.effect(effect), "rule": effect.rule.to_json(), "policy": effect.policy}
        return answer({**told, "findings": [represent.finding(one) for one in found]})


def readable(call: Call) -> Scope:
    """The changes that exist for the caller; raises role_missing where their roles read none."""
    scope = scope_of(_person(call), call.now)
    if scope.empty:
        roles = ", ".join(sorted(role.words for role in READERS))
        raise ProblemError("role_missing", f"Reading changes takes one of these roles: {roles}.")
    return scope


def seen(call: Call, change_id: str) -> ChangeView:
    """One change; raises not_found alike for one that is not there and one that is somebody else's."""
    if call.who.kind is not PrincipalKind.PERSON:
        raise not_found(denial="change_hidden")
    try:
        return change_in(readable(call), change_id, call.now)
    except ChangeUnknown as unknown:
        raise not_found(denial="change_hidden") from unknown


def shown(call: Call, change_id: str, status: int = 200, **headers: str) -> HttpResponse:
    """The change as it is now."""
    return answer(represent.change(seen(call, change_id), call.who.actor), status, **headers)


def moment_of(call: Call) -> Moment:
    """Time and randomness for an action."""
    return Moment(call.now, secrets.token_bytes)


def _person(call: Call) -> uuid.UUID:
    if call.who.kind is not PrincipalKind.PERSON:
        raise ProblemError("role_missing", "Changes are read by people; a system key opens one namespace.")
    return uuid.UUID(call.who.actor.partition(":")[2])


def _needed(fields: dict[str, Any], name: str) -> Any:
    if name not in fields:
        raise refused(f"$.{name}", "This field is needed.")
    return fields[name]
