"""Through no door does a tenant learn whether something of another exists: not by id, by text, nor by work done.

Each door is asked twice: for what belongs to another tenant, and for what nobody has. Status, body, headers and the
statements that the database is asked must be the same.
"""

from __future__ import annotations

import difflib
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.change.actions.draft import draft_change
from governance.change.actions.own_incident import open_incident
from governance.change.models import IncidentEntry
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.models import Namespace, Person, PersonKey, Session, SystemKey, Tenant
from governance.identity.selectors.principals import principal_of_person
from governance.watching.models import Notice, Subscription
from governance.watching.services.sweep import sweep
from ledger.models import Job
from ledger.selectors import leaves, streams
from ledger.services.append import append_events
from ledger.services.exports import request_bundle, run_export
from ledger.services.seal import seal_window
from ledger.services.streams import create_stream
from ledger.services.verifying import request_verify
from tests.support.evidenceos_registry import HOLDS, registry
from tests.support.governed import POLICY, put_in_force
from tests.web.doors import ASKS, BODIES, IDS, SLUGS, STREAMS, Door, doors, nobodys
from tests.web.house import BY, House, at, decision, signed_in

ALL = sorted(doors(), key=lambda one: one.name)
NO_QUESTION = frozenset(name for name, questions in ASKS.items() if not questions and name not in BODIES)
PARTS = {
    "pages of a stream": [one for one in ALL if one.in_stream and ":" not in one.name],
    "other pages": [one for one in ALL if not one.in_stream and ":" not in one.name and one.name not in NO_QUESTION],
    "streams in the API": [one for one in ALL if one.in_stream and one.name.startswith("api:")],
    "other calls": [one for one in ALL if not one.in_stream and ":" in one.name and one.name not in NO_QUESTION],
    "logs": [one for one in ALL if one.in_stream and one.name.startswith("log:")],
}
OFTEN = "1000000/60"
METHODS = ("GET", "POST")
VARYING = frozenset(
    {"x-request-id", "content-security-policy", "date", "expires", "x-ratelimit-remaining", "content-length"}
)
RENEWED = re.compile(r'"ledger_signerpause"|FROM "ledger_signingkey" .* WHERE "ledger_signingkey"."kid" = ')
"""Read again when the refusal is entered in `_system/events` and signed: by the clock, not by what was asked."""
DONE = frozenset({200, 201, 202, 204})
ANY_ID = frozenset({"api:notification-read"})
"""Marks what is the caller's own among the ids it is given, whatever they are."""
Call = Callable[[str, str, Any], HttpResponseBase]


@dataclass(frozen=True)
class World:
    """What beta has, and who of acme (or nobody) tries to see it."""

    theirs: dict[str, str]
    callers: dict[str, Call]


@pytest.fixture
def world(house: House, client: Client, settings: Any, tmp_path: Path) -> World:
    settings.COUNTERSIGN_API_RATE = settings.COUNTERSIGN_ANONYMOUS_RATE = OFTEN
    mine = signed_in(client, house.person(Role.TENANT_ADMIN))
    request_bundle(house.stream, 0, 5, actor="person:ada")
    theirs = _inhabit_beta(house, tmp_path)
    request_bundle(house.fresh(), 0, 7, actor="person:ada")
    key = create_system_key(
        Namespace.objects.get(name="acme"), "ours", frozenset({Scope.APPEND, Scope.READ}), by=BY, at=at()
    )
    bearer = {"Authorization": f"Bearer {key.token.reveal()}"}
    return World(theirs, {"admin": _caller(mine), "key": _caller(Client(), bearer), "nobody": _caller(Client())})


def _inhabit_beta(house: House, place: Path) -> dict[str, str]:
    """A stream, a bundle with its job, a key, a subscription and a notice of it, a data directory, all of beta's."""
    bea = house.person(Role.TENANT_ADMIN, house.beta, email="bea@beta.test")
    stream = create_stream("beta", "zeta", actor=bea.actor)
    append_events(stream, [decision(number) for number in range(12)], actor=bea.actor)
    seal_window(stream.id, reason="request")
    view, job = request_bundle(streams.stream("beta", "zeta"), 0, 5, actor=bea.actor)
    run_export(job.public_id)
    waiting = request_verify(streams.stream("beta", "zeta"), "full", actor=bea.actor)
    key = create_system_key(Namespace.objects.get(name="beta"), "zulu", frozenset({Scope.READ}), by=BY, at=at())
    signed_in(reader := Client(), bea).post("/subscriptions/", {"target": "beta/zeta", "kind": "silent", "minutes": 1})
    assert reader.get("/subscriptions/").status_code == 200
    sweep(timezone.now() + timedelta(minutes=5), budget_s=60)
    notice = Notice.objects.get(person=bea)
    ids = {"bundle": view.public_id, "job": waiting.public_id, "notice": notice.public_id, "key": key.key.public_id}
    ids["change"] = _proposed(bea, house.beta)
    told_at = open_incident("drift", "Odd.", tenant=str(house.beta.public_id), by=BY, at=at())
    ids["incident"] = told_at.public_id
    ids["subscription"] = Subscription.objects.get(person=bea).public_id
    ids |= {"person": bea.public_id, "session": Session.objects.filter(person=bea).earliest("pk").public_id}
    ids |= {"ticket": uuid.uuid4(), "token": uuid.uuid4(), "tenant": house.beta.public_id}
    told = {
        "target": registry(place, "beta-lab", "beta").slug,
        "contract": HOLDS.nullspec_id.hex(),
        "kid": _pending_key(bea),
        "actor": bea.actor,
        "hash": leaves.leaf(stream, 3).hash.hex(),
        "number": str(notice.pk + 1),
        "origin": stream.origin,
        "mine": str(house.acme.public_id),
    }
    return {**{kind: str(one) for kind, one in ids.items()}, **told, "namespace": "beta", "stream": "zeta"}


def _pending_key(bea: Person) -> str:
    kid = uuid.uuid4()
    PersonKey.objects.create(
        public_id=uuid.uuid4(), person=bea, kid=kid.hex, public=kid.bytes * 2, use="decision", custody="offline",
        name="pen", possession=b"{}", created=at().now,
    )  # fmt: skip
    return kid.hex


def _proposed(bea: Person, beta: Tenant) -> uuid.UUID:
    """A draft of beta's, under a policy that is in force."""
    put_in_force(POLICY)
    principal = principal_of_person(bea, timezone.now())
    assert principal is not None
    body = {"person": str(bea.public_id), "role": "tenant_viewer", "tenant": str(beta.public_id), "expires": None}
    return draft_change("role.grant", {**body, "group": None}, "Agreed.", by=principal, at=at()).public_id


def _caller(client: Client, headers: Mapping[str, str] | None = None) -> Call:
    def call(method: str, address: str, body: Any) -> HttpResponseBase:
        if address.startswith(("/api/", "/log/")):
            text = json.dumps(body) if body is not None else ""
            return client.generic(method, address, text, "application/json", headers=headers)
        return client.post(address, body or {}) if method == "POST" else client.get(address)

    return call


def answered(call: Call, method: str, address: str, body: Any, values: Mapping[str, str]) -> dict[str, Any]:
    """What came back and what it cost, with the asked names and all that differs by nature taken out."""
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        answer = call(method, address, body)
        content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]  # a response
    heads = {name: _plain(value, values) for name, value in answer.headers.items() if name.lower() not in VARYING}
    work = [_shape(one["sql"]) for one in asked.captured_queries if not RENEWED.search(one["sql"])]
    body_told = _plain(content.decode("utf-8", "replace"), values)
    return {"status": answer.status_code, "headers": heads, "body": body_told, "work": work}


def _plain(text: str, values: Mapping[str, str]) -> str:
    text = re.sub(r"after=\d+(?![\w-])", "after=", unquote(text))
    text = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", text)
    text = re.sub(r'(nonce=")[^"]*', r"\1", re.sub(r'("request_id":\s*")[^"]*', r"\1", text))
    text = re.sub(r'(<span class="ago">)[^<]*', r"\1", text)
    text = re.sub(r"<code>[0-9a-f-]{32,36}</code>", "<code></code>", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?|\d+ (ms|s|min)( \d+ s)?( ago)?", "", text)
    for kind in sorted(values, key=lambda one: -len(values[one])):
        if kind != "number":
            text = re.sub(rf"(?<![\w-]){re.escape(values[kind])}(?![\w-])", f"<{kind}>", text)
    return text


def _shape(sql: str) -> str:
    return re.sub(r"'[^']*'|\b\d+\b", "?", sql)[:300]


def _differing(first: dict[str, Any], second: dict[str, Any]) -> str:
    told = []
    for name in first:
        one, other = (
            part[name] if isinstance(part[name], list) else str(part[name]).splitlines() for part in (first, second)
        )
        told += [f"{name}: {line[:160]}" for line in difflib.unified_diff(one, other, lineterm="", n=0)]
    return "\n".join(told[:12])


def filled(body: Any, values: Mapping[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: filled(one, values) for key, one in body.items()}
    return body.format(**values) if isinstance(body, str) else body


def asks(door: Door, values: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Method, address and body of everything that a door is asked."""
    for method in METHODS:
        for body in (None, *BODIES.get(door.name, ())) if method == "POST" else (None,):
            yield method, door.address(values), filled(body, values) if body is not None else None
    for question in ASKS.get(door.name, ()):
        before = "" if question.startswith("/") else door.address(values)
        yield "GET", before + question.format(**values), None


@pytest.mark.parametrize("part", PARTS)
def test_what_is_anothers_and_what_is_nobodys_are_answered_alike(world: World, part: str) -> None:
    before = of_beta()
    found = [fault for door in PARTS[part] for fault in faults(world, door)]
    assert not found, "\n\n".join(found)
    assert of_beta() == before, "something of the other tenant was changed"


def faults(world: World, door: Door) -> Iterator[str]:
    """Where a door tells what is another's from what is nobody's, in words."""
    nothing, compared = nobodys(world.theirs), 0
    for others in _others(world, door):
        for who, call in world.callers.items():
            for theirs, nobodys_ in zip(asks(door, others), asks(door, nothing), strict=True):
                if theirs == nobodys_:
                    continue
                compared += 1
                answered(call, *nobodys_, nothing)
                first, second = answered(call, *theirs, others), answered(call, *nobodys_, nothing)
                if first != second:
                    yield f"{door.name}, {who}: {theirs[0]} {theirs[1]}: {_differing(first, second)}"
                if (door.in_stream or door.name in IDS) and first["status"] in DONE and door.name not in ANY_ID:
                    yield f"{door.name}, {who}: {theirs[0]} {theirs[1]}: {first['status']}"
    if not compared:
        yield f"{door.name} was not tried"


def of_beta() -> list[object]:
    """Everything of beta's that a door could change, by value."""
    rows: list[object] = list(Job.objects.filter(namespace="beta").values_list("public_id", "state"))
    rows += SystemKey.objects.filter(namespace__name="beta").values_list("public_id", "state", "secret_hash")
    rows += Subscription.objects.filter(namespace="beta").values_list("public_id", "ended")
    rows += Notice.objects.filter(person__email="bea@beta.test").values_list("public_id", "read")
    rows += IncidentEntry.objects.values_list("text")
    return [*rows, *(streams.stream("beta", name).size for name in ("decisions", "zeta"))]


def _others(world: World, door: Door) -> Iterator[dict[str, str]]:
    yield world.theirs
    if door.in_stream:
        yield from ({**world.theirs, **one} for one in STREAMS)


def test_every_door_has_its_row() -> None:
    tried = {door.name for doors_ in PARTS.values() for door in doors_}
    assert tried | NO_QUESTION == {door.name for door in ALL}
    for door in ALL:
        if door.in_stream:
            continue
        if door.parameters & {"public_id", "change_id", "kid", "token", "target"}:
            assert door.name in IDS, f"{door.name}: say whose id it takes"
        else:
            assert door.name in ASKS, f"{door.name}: say in which questions a thing could be named"
            assert not door.parameters or door.name in SLUGS, f"{door.name}: say what its last part is"


def test_no_row_stands_for_a_door_that_is_gone() -> None:
    names = {door.name for door in ALL}
    assert not (set(IDS) | set(ASKS) | set(BODIES) | set(SLUGS)) - names
