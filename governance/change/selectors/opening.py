"""What of the log of decisions is opened to the reader of a tenant's bundle.

Guarantees that only what judging the named decisions takes is opened: their own events, the founding, and what made the
policy and gave roles, places and keys to those who signed, with the decisions about that in turn; and that nothing is
opened which holds something of another tenant: what is lacking for that reason is unproven, never told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from governance.change.core.judging import DEACTIVATED, FOUNDED, GROUP_CREATED
from governance.change.core.replay import EFFECTS, KEY_GIVEN_UP
from governance.identity.selectors.tenants import tenant_of_namespace
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError
from ledger.selectors.leaves import EventView, events
from ledger.selectors.streams import StreamView

TALK: Final = frozenset({"change:proposal:commented", "change:proposal:asked", "change:incident:noted"})
"""What is said about a change without moving it."""


@dataclass
class _Change:
    """The events of one change, who took its steps, and the documents that it set."""

    tenant: str | None = None
    subjects: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    tenants: set[str] = field(default_factory=set)
    indices: list[int] = field(default_factory=list)
    is_effective: bool = False
    is_genesis: bool = False


@dataclass
class _Log:
    """The log as far as it matters here: changes by id, and acts beside them with whom they are about."""

    changes: dict[str, _Change] = field(default_factory=dict)
    acts: list[tuple[int, str, str | None]] = field(default_factory=list)


def opened(log: StreamView, size: int, wanted: set[str], namespace: str) -> frozenset[int]:
    """The events below `size` whose content the reader of a bundle of `namespace` gets, which names `wanted`."""
    read, tenant = _read(log, size), tenant_of_namespace(namespace)
    chosen = {name for name, one in read.changes.items() if name in wanted or one.is_genesis}
    while True:
        subjects = _subjects(read, chosen)
        more = {name for name, one in read.changes.items() if one.is_effective and one.subjects & subjects}
        more = {name for name in more if read.changes[name].tenants <= {tenant}}
        if more <= chosen:
            break
        chosen |= more
    people = _people(read, chosen)
    about = {
        index for index, person, place in read.acts if person in people or (not person and place in {None, tenant})
    }
    return frozenset(about.union(*(read.changes[name].indices for name in chosen)))


def _people(read: _Log, chosen: set[str]) -> set[str]:
    return set[str]().union(*(read.changes[name].people for name in chosen))


def _subjects(read: _Log, chosen: set[str]) -> set[str]:
    """The documents on which these changes rest: the policy, their own, freezes, and roles and keys of who signed."""
    found = {"policy", "freeze:platform"}
    for person in _people(read, chosen):
        found |= {f"{person}/roles", f"{person}/keys"}
    for name in chosen:
        one = read.changes[name]
        found |= one.subjects | ({f"freeze:tenant:{one.tenant}"} if one.tenant is not None else set())
    return found


def _read(log: StreamView, size: int) -> _Log:
    found = _Log()
    for one in events(log, 0, size):
        payload = _payload(one)
        if payload is None or one.type in TALK:
            continue
        if one.type.startswith("change:"):
            _step(found, one, payload)
        elif one.type == KEY_GIVEN_UP and "decision" not in payload:
            found.acts.append((one.index, f"person:{payload['person']}", None))
        elif one.type == DEACTIVATED:
            found.acts.append((one.index, f"person:{(one.attrs or {}).get('subject', '')}", None))
        elif one.type == GROUP_CREATED:
            found.acts.append((one.index, "", cast("str | None", payload["tenant"])))
    return found


def _step(found: _Log, one: EventView, payload: JSONObject) -> None:
    change = found.changes.setdefault(str(payload["change"]), _Change())
    change.indices.append(one.index)
    change.tenant = cast("str | None", payload["tenant"])
    change.people.add(str(payload["actor"]))
    change.tenants |= set(_tenants(payload))
    if one.type in EFFECTS:
        change.subjects.add(str(payload["subject"]))
        change.is_effective, change.is_genesis = True, one.type == FOUNDED


def _tenants(value: JSON) -> Iterator[str]:
    """Every tenant that is named anywhere in a payload."""
    if isinstance(value, dict):
        named = value.get("tenant")
        yield from (named,) if isinstance(named, str) else ()
        for inner in value.values():
            yield from _tenants(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tenants(inner)


def _payload(one: EventView) -> JSONObject | None:
    try:
        value = parse(one.payload) if one.payload is not None else None
    except LedgerError:
        return None
    return value if isinstance(value, dict) else None
