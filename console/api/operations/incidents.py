"""Incidents: what is looked into, opened by itself or by an emergency; entries, and the end."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from console import contained_memo
from console.api.body import json_object, refused
from console.api.call import Call, not_found
from console.api.documented import BODY, IDENTIFIER, UNSAFE, documented
from console.api.encoding import moment
from console.api.operation import Operation, answer
from console.api.operations.changes import moment_of, readable
from console.api.people import fresh_in_session
from console.api.shapes import INDEX, MOMENT, TEXT, UUID, closed, listed, maybe
from governance.change.actions.own_incident import MOST_KIND, open_incident, tend_incident
from governance.change.errors import IncidentUnknown
from governance.change.selectors.changes import Scope
from governance.change.selectors.incidents import incident_in, incidents_in
from governance.change.selectors.last_moment import IncidentView
from governance.identity.core.principal import PrincipalKind

_SAID: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 4_000}
_ENTRY = closed({"at": MOMENT, "by": TEXT, "text": TEXT, "index": maybe(INDEX)})
_INCIDENT = closed(
    {
        "id": UUID, "kind": TEXT, "reason": TEXT, "by": TEXT, "tenant": maybe(UUID), "change": maybe(UUID),
        "index": maybe(INDEX), "opened": MOMENT, "closed": maybe(MOMENT), "entries": listed(_ENTRY),
    }
)  # fmt: skip
_OPENS: dict[str, type | tuple[type, ...]] = {"kind": str, "reason": str, "tenant": (str, type(None))}
_WRITES = (*UNSAFE, *BODY, "step_up", "parameter_invalid", "token_cannot_decide", "change_body_malformed")


class IncidentsRoute(Operation):
    """`incidents/`"""

    @documented(
        "list_incidents",
        "The newest 50 incidents that you may see with their timelines, the open ones first",
        answers={200: closed({"items": listed(_INCIDENT)})},
        tag="changes",
    )
    def get(self, call: Call) -> HttpResponse:
        """For whoever reads changes."""
        return answer({"items": [represented(one) for one in incidents_in(readable(call))]})

    @documented(
        "open_incident",
        "Open an incident by itself: it gives no power, and stands until somebody else closes it",
        request={
            "application/json": closed(
                {"kind": {"type": "string", "minLength": 1, "maxLength": MOST_KIND}, "reason": _SAID,
                 "tenant": maybe(UUID)}
            )
        },
        answers={201: _INCIDENT},
        problems=[*_WRITES, "too_many_open"],
        tag="changes",
    )  # fmt: skip
    def post(self, call: Call) -> HttpResponse:
        """A person in a session who decides, witnesses or runs the platform; `tenant` null for the platform."""
        scope = readable(call)
        fresh_in_session(call)
        given = _all(json_object(call.request, _OPENS), *_OPENS)
        row = open_incident(
            given["kind"], given["reason"], tenant=given["tenant"], by=call.who, at=moment_of(call)
        )  # fmt: skip
        contained_memo.forget()
        return answer(represented(incident_in(scope, row.public_id)), 201, Location=reverse("api:incidents"))


class TendIncident(Operation):
    """`incidents/{id}/entries/`"""

    @documented(
        "tend_incident",
        "Add to the timeline of an incident, or close it",
        request={"application/json": closed({"text": _SAID, "closes": {"type": "boolean"}})},
        answers={200: _INCIDENT},
        parameters=[IDENTIFIER],
        problems=[*_WRITES, "not_found", "incident_unknown", "incident_closed", "emergency_refused"],
        tag="changes",
    )
    def post(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """Who opened it, or carried out something under it, does not close it."""
        scope = _seen(call, public_id)
        fresh_in_session(call)
        given = _all(json_object(call.request, {"text": str, "closes": bool}), "text", "closes")
        tend_incident(
            str(public_id), given["text"], closes=given["closes"], by=call.who, at=moment_of(call)
        )  # fmt: skip
        contained_memo.forget()
        return answer(represented(incident_in(scope, public_id)))


def represented(one: IncidentView) -> dict[str, Any]:
    """An incident as JSON."""
    return {
        "id": one.id, "kind": one.kind, "reason": one.reason, "by": one.by, "tenant": one.tenant,
        "change": one.change or None, "index": one.index, "opened": moment(one.opened),
        "closed": None if one.closed is None else moment(one.closed),
        "entries": [
            {"at": moment(at), "by": who, "text": text, "index": index} for at, who, text, index in one.entries
        ],
    }  # fmt: skip


def _seen(call: Call, public_id: uuid.UUID) -> Scope:
    if call.who.kind is not PrincipalKind.PERSON:
        raise not_found(denial="incident_hidden")
    scope = readable(call)
    try:
        incident_in(scope, public_id)
    except IncidentUnknown as unknown:
        raise not_found(denial="incident_hidden") from unknown
    return scope


def _all(given: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if name not in given:
            raise refused(f"$.{name}", "This field is needed.")
    return given
