"""What the record says of documents before any change set them: events of creation, and acts before the founding.

Guarantees that whatever is not told here began without power: nobody held a role, a place or a key or was of a unit,
a tenant was active, a log was private, and nothing was frozen. After the founding an act explains nothing by itself.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from ledger.core.types import JSON, JSONObject

_KEY = ("custody", "kid", "public", "use")
_EMPTY: dict[str, JSONObject] = {
    "roles": {"groups": [], "roles": []},
    "keys": {"keys": []},
    "unit": {"unit": None},
    "state": {"state": "active"},
    "publicity": {"entries": False, "tiles": False},
}


@dataclass(slots=True)
class Beginnings:
    """Documents by subject as they stood without any change; `groups` are those that were made, with their tenants."""

    documents: dict[str, JSONObject] = field(default_factory=dict)
    groups: dict[str, JSON] = field(default_factory=dict)
    is_founded: bool = False
    entered: set[str] = field(default_factory=set)

    def of(self, subject: str) -> JSONObject:
        """The document of a subject that no change has set."""
        if subject.startswith("freeze:"):
            return {"frozen": False}
        return self.documents.get(subject, _EMPTY[subject.rpartition("/")[2]])

    def hear(self, kind: str, subject: str, payload: JSONObject) -> None:
        """The next event of `_governance/changes`; `subject` is that of its attributes."""
        if kind == "change:effect:founded":
            self.is_founded = True
        elif kind == "identity:group:created" and ("decision" in payload or not self.is_founded):
            self.groups[str(payload["group"])] = payload["tenant"]
        elif kind == "identity:person_key:revoked" and "decision" not in payload:
            self._key(kind, payload)
        elif kind == "identity:person:created":
            self._entered(subject, payload)
        elif not self.is_founded and "decision" not in payload:
            self._act(kind, subject, payload)

    def _act(self, kind: str, subject: str, payload: JSONObject) -> None:
        if kind.startswith("identity:membership:"):
            self._role(kind, payload)
        elif kind in {"identity:group:member_added", "identity:group:member_removed"}:
            self._place(kind, subject, payload)
        elif kind == "identity:person_key:activated":
            self._key(kind, payload)
        elif kind == "identity:person:unit_set":
            self._unit(payload)
        elif kind == "identity:tenant:state_changed":
            self.documents[f"tenant:{subject}/state"] = {"state": payload["state"]}
        elif kind == "operations:stream:publicity_set":
            told: JSONObject = {name: payload[name] for name in ("entries", "tiles")}
            self.documents[f"stream:{payload['origin']}/publicity"] = told

    def _entered(self, person: str, payload: JSONObject) -> None:
        """A person is entered once; what a second entry says of their unit is nobody's decision."""
        if "unit" in payload and person not in self.entered:
            self._unit(payload)
        self.entered.add(person)

    def _unit(self, payload: JSONObject) -> None:
        self.documents[f"person:{payload['person']}/unit"] = {"unit": payload["unit"] or None}

    def _role(self, kind: str, payload: JSONObject) -> None:
        subject = f"person:{payload['person']}/roles"
        held = self.of(subject)
        place = (payload["role"], payload["tenant"])
        rows = [one for one in _rows(held, "roles") if (one["role"], one["tenant"]) != place]
        if kind.endswith(":granted"):
            rows.append({"role": payload["role"], "tenant": payload["tenant"], "expires": _second(payload["expires"])})
        ordered = sorted(rows, key=lambda one: str((one["role"], one["tenant"])))
        self.documents[subject] = {"groups": held["groups"], "roles": [*ordered]}

    def _place(self, kind: str, person: str, payload: JSONObject) -> None:
        subject = f"person:{person}/roles"
        held = self.of(subject)
        groups = {str(one) for one in cast("list[JSON]", held["groups"])} - {str(payload["group"])}
        if kind.endswith("_added"):
            groups.add(str(payload["group"]))
        self.documents[subject] = {"groups": [*sorted(groups)], "roles": held["roles"]}

    def _key(self, kind: str, payload: JSONObject) -> None:
        subject = f"person:{payload['person']}/keys"
        gone = {payload["kid"], payload.get("replaces")}
        rows = [one for one in _rows(self.of(subject), "keys") if one["kid"] not in gone]
        if kind.endswith(":activated"):
            rows.append({name: payload[name] for name in _KEY})
        self.documents[subject] = {"keys": [*sorted(rows, key=lambda one: str(one["kid"]))]}


def _rows(document: JSONObject, name: str) -> list[JSONObject]:
    return cast("list[JSONObject]", document[name])


def _second(value: JSON) -> JSON:
    if value is None:
        return None
    return datetime.fromisoformat(str(value)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
