"""Trying an event against a profile: what the API would say of it, and all that the profile finds. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console import words
from ledger.core.ingest import Defaults, from_cloudevent, from_plain
from ledger.core.strict_json import parse
from ledger.errors import Malformed
from ledger.services.profiles import PROFILES, ProfileFault, faults_of, profile_schema

if TYPE_CHECKING:
    from ledger.core.types import JSON

LONGEST = 64 * 1024
_DEFAULTS = Defaults("tried-here", "urn:countersign:profile-trial")


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: `state` as everywhere, one line, and what was found where."""

    state: str
    answer: str
    faults: tuple[ProfileFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a profile as a row: its name, whether it is needed, and what it holds."""

    name: str
    needed: bool
    what: str


def tried(name: str, text: str) -> Trial:
    """Try `text` against the profile `name`: a payload, an event in the plain form, or a CloudEvent."""
    data = text.encode()
    if len(data) > LONGEST:
        return Trial("fail", f"This is longer than {words.size(LONGEST)}; an event may be, what is tried here may not.")
    try:
        kind, payload, root = _read(parse(data))
    except Malformed as refused:
        told = "This is refused before any profile is asked: the API would answer 400 or 422."
        return Trial("fail", told, (ProfileFault(refused.path or "$", refused.what),))
    if kind is not None and kind != name:
        return _other(kind, name, payload, root)
    return _judged(name, payload, root)


def fields_of(name: str) -> list[Field]:
    """The rows of a profile, needed ones first."""
    schema: dict[str, Any] = profile_schema(name)
    needed = schema.get("required", [])
    rows = [Field(field, field in needed, _what(schema, rule)) for field, rule in schema["properties"].items()]
    return sorted(rows, key=lambda row: not row.needed)


def title_of(name: str) -> tuple[str, str]:
    """Title and description of a profile."""
    schema = profile_schema(name)
    return str(schema["title"]), str(schema["description"])


def _read(value: JSON) -> tuple[str | None, JSON, str]:
    """Type of the event (None for a bare payload), its payload, and where that stands; raises Malformed."""
    if isinstance(value, dict) and "specversion" in value:
        event = from_cloudevent(value)
        return event.type, parse(event.payload), "$.data"
    if isinstance(value, dict) and {"type", "payload"} <= set(value):
        event = from_plain(value, _DEFAULTS, "$")
        return event.type, value["payload"], "$.payload"
    return None, value, "$"


def _other(kind: str, name: str, payload: JSON, root: str) -> Trial:
    if kind not in PROFILES:
        told = f"The event has the type {kind}, for which there is no profile: every stream takes it."
        return Trial("not_evaluated", told)
    judged = _judged(kind, payload, root)
    return Trial(
        judged.state,
        f"The event has the type {kind}, so that profile was asked and not {name}. {judged.answer}",
        judged.faults,
    )


def _judged(name: str, payload: JSON, root: str) -> Trial:
    found = tuple(faults_of(name, payload, root))
    if not found:
        return Trial("pass", f"It conforms to {name}: a stream that refuses what does not would take it.")
    count = words.counted(len(found), "place")
    return Trial(
        "fail",
        f"It does not conform to {name}, in {count}: a stream with mode refuse takes nothing of its batch.",
        found,
    )


def _what(schema: dict[str, Any], rule: dict[str, Any]) -> str:
    """A rule in words: the description of what it points at, its values, or its type."""
    if "$ref" in rule:
        held = schema["$defs"][rule["$ref"].rpartition("/")[2]]
        return str(held.get("description") or _what(schema, held))
    if "allOf" in rule:
        extra = [one for part in rule["allOf"] for one in part.get("required", [])]
        told = _what(schema, rule["allOf"][0])
        return f"{told}; needs {words.listed(extra)}" if extra else told
    if "enum" in rule:
        return f"one of {', '.join(map(str, rule['enum']))}"
    bounds = [f"{bound} {rule[key]}" for key, bound in _BOUNDS.items() if key in rule]
    return ", ".join([str(rule.get("description") or rule.get("type", "anything")), *bounds])


_BOUNDS = {"minimum": "at least", "maximum": "at most", "maxLength": "up to", "format": "as"}
