"""System keys: listed without their secrets, made and rotated by a person whose second factor is fresh, disabled.

A token stands in the one answer that makes it, which no cache keeps; it is stored nowhere.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse

from console.api import represent_people as represent
from console.api.body import json_object, refused
from console.api.call import Call, not_found
from console.api.documented import BODY, IDENTIFIER, LIMIT, UNSAFE, documented, text_in_query
from console.api.operation import Operation, answer
from console.api.paging import page
from console.api.parameters import identifier, limit_of, short_text
from console.api.people import moment, person_of, stepped_up
from console.api.shapes import MAYBE_TEXT, MOMENT, NAMESPACE, TEXT, UUID, closed, listed, maybe, paged
from governance.identity.actions.create_system_key import IssuedKey, create_system_key
from governance.identity.actions.disable_system_key import disable_system_key
from governance.identity.actions.rotate_system_key import LONGEST_OVERLAP, rotate_system_key
from governance.identity.core.names import is_platform_name
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Capability
from governance.identity.selectors.system_keys import key_row, namespace_row, view_of
from governance.identity.selectors.tenants import system_keys_in
from ledger.errors import NotThere

if TYPE_CHECKING:
    from governance.identity.models import SystemKey

LONGEST_NAME = 100
SCOPES = (Scope.APPEND.value, Scope.READ.value)
_MOST_SECONDS = int(LONGEST_OVERLAP.total_seconds())
_KEY = closed(
    {
        "id": UUID, "namespace": NAMESPACE, "name": TEXT, "prefix": TEXT, "scopes": listed({"enum": [*SCOPES]}),
        "state": {"enum": ["active", "disabled"]}, "created": MOMENT, "last_used": MAYBE_TEXT,
        "overlap_until": maybe(MOMENT), "links": {"type": "object", "additionalProperties": TEXT},
    }
)  # fmt: skip
_ISSUED = closed({"key": _KEY, "token": {"type": "string", "description": "Shown in this answer alone."}})
_AFTER = text_in_query("after", {"pattern": UUID["pattern"]}, "Id of the last key of the page before.")
_WRITES = (*UNSAFE, *BODY, "step_up", "not_found", "parameter_invalid", "gone")


class KeysRoute(Operation):
    """`keys/`"""

    @documented(
        "list_system_keys",
        "System keys of the namespaces that you may read, the newest first; never their secrets",
        answers={200: paged(_KEY)},
        parameters=[LIMIT, _AFTER, text_in_query("namespace", {"pattern": NAMESPACE["pattern"]}, "Only this one.")],
        problems=["not_found", "parameter_invalid"],
        tag="keys",
    )
    def get(self, call: Call) -> HttpResponse:
        """For people alone: a program needs to know no other."""
        person_of(call)
        limit, after = limit_of(call.request), identifier(call.request, "after")
        wanted = short_text(call.request, "namespace", 64)
        if wanted is not None:
            call.require(Capability.READ, wanted)
        mine = call.who.holding(Capability.READ) if wanted is None else frozenset({wanted})
        found = system_keys_in(frozenset(name for name in mine if not is_platform_name(name)))
        rows = sorted(found, key=lambda row: row.public_id, reverse=True)
        rest = [row for row in rows if after is None or row.public_id < after]
        return answer(page(call.request, rest[: limit + 1], limit, represent.system_key, lambda row: row.public_id))

    @documented(
        "create_system_key",
        "Make a key; its token stands in this answer alone. Takes a session with a fresh second factor",
        request={
            "application/json": closed(
                {
                    "namespace": NAMESPACE,
                    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME, "pattern": r"^\S(.*\S)?$"},
                    "scopes": listed({"enum": [*SCOPES]}, minItems=1, maxItems=2, uniqueItems=True),
                }
            )
        },
        answers={201: _ISSUED},
        problems=[*_WRITES, "name_invalid", "name_taken"],
        tag="keys",
    )
    def post(self, call: Call) -> HttpResponse:
        """Right, factor, then the key."""
        fields = _fields(call, {"namespace": str, "name": str, "scopes": list})
        call.require(Capability.MANAGE, fields["namespace"])
        stepped_up(call)
        name, scopes = _name(fields["name"]), _scopes(fields["scopes"])
        made = create_system_key(namespace_row(fields["namespace"]), name, scopes, by=call.who, at=moment(call))
        return _revealed(made, 201, Location=reverse("api:system-key", args=(made.key.public_id,)))


class ShowKey(Operation):
    """`keys/{id}/`"""

    @documented(
        "show_system_key",
        "One key, without its secret",
        answers={200: _KEY},
        parameters=[IDENTIFIER],
        problems=["not_found"],
        tag="keys",
    )
    def get(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """For people alone."""
        person_of(call)
        return answer(represent.system_key(view_of(_key(call, public_id, Capability.READ))))


class RotateKey(Operation):
    """`keys/{id}/rotate/`"""

    @documented(
        "rotate_system_key",
        "Give a key a new secret; the old one works for overlap_seconds more (0: it ends at once)",
        request={
            "application/json": closed({"overlap_seconds": {"type": "integer", "minimum": 0, "maximum": _MOST_SECONDS}})
        },
        answers={200: _ISSUED},
        parameters=[IDENTIFIER],
        problems=[*_WRITES, "name_invalid"],
        tag="keys",
    )
    def post(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """Its token stands in this answer alone."""
        row = _managed(call, public_id)
        fields = _fields(call, {"overlap_seconds": int})
        if not 0 <= fields["overlap_seconds"] <= _MOST_SECONDS:
            raise refused("$.overlap_seconds", f"overlap_seconds is a whole number from 0 to {_MOST_SECONDS:,}.")
        overlap = timedelta(seconds=fields["overlap_seconds"])
        return _revealed(rotate_system_key(row, overlap, by=call.who, at=moment(call)))


class DisableKey(Operation):
    """`keys/{id}/disable/`"""

    @documented(
        "disable_system_key",
        "Switch a key off for good; what it appended stays",
        answers={200: _KEY},
        parameters=[IDENTIFIER],
        problems=_WRITES,
        tag="keys",
    )
    def post(self, call: Call, public_id: uuid.UUID) -> HttpResponse:
        """There is no way back."""
        row = _managed(call, public_id)
        return answer(represent.system_key(view_of(disable_system_key(row, by=call.who, at=moment(call)))))


def _key(call: Call, public_id: uuid.UUID, capability: Capability) -> SystemKey:
    """The key, if its namespace exists for the caller."""
    try:
        row = key_row(public_id)
    except NotThere as unknown:
        raise not_found(denial="namespace_hidden") from unknown
    call.require(capability, row.namespace.name)
    return row


def _managed(call: Call, public_id: uuid.UUID) -> SystemKey:
    row = _key(call, public_id, Capability.MANAGE)
    stepped_up(call)
    return row


def _fields(call: Call, fields: dict[str, type]) -> dict[str, Any]:
    found = json_object(call.request, fields)
    for field in fields:
        if field not in found:
            raise refused(f"$.{field}", "This field is needed.")
    return found


def _name(text: str) -> str:
    if not 1 <= len(text) <= LONGEST_NAME or text != text.strip() or not text.isprintable():
        raise refused("$.name", f"name has 1 to {LONGEST_NAME} printable characters, no space at its ends.")
    return text


def _scopes(given: list[Any]) -> frozenset[Scope]:
    if not given or not all(one in SCOPES for one in given) or len(set(given)) != len(given):
        raise refused("$.scopes", f"scopes names {', '.join(SCOPES)}, or both.")
    return frozenset(map(Scope, given))


def _revealed(issued: IssuedKey, status: int = 200, **headers: str) -> HttpResponse:
    told = {"key": represent.system_key(view_of(issued.key)), "token": issued.token.reveal()}
    return answer(told, status, **headers)
