from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from django.test import Client
from nacl.signing import SigningKey

from console.api.docs import document
from ledger.models import EventIndex
from ledger.selectors.keys import log_vkeys
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import stream
from tests.api.test_bad_input import check
from tests.support.counts import rows_of
from tests.support.world import Place

ADDRESS = "/api/v1/streams/"


def create(client: Client, where: Place, **fields: Any) -> Any:
    body = json.dumps({"namespace": where.stream.namespace, **fields})
    return client.post(ADDRESS, body, "application/json", headers=where.bearer)


def test_a_stream_is_made_with_its_genesis_and_where_to_go_next(client: Client, acme: Place) -> None:
    answer = create(client, acme, name="second", window_count=1, profile_mode="refuse", clear_attributes=True)
    assert answer.status_code == 201
    assert answer["Location"] == f"{ADDRESS}acme/second/"
    assert answer.json()["size"] == 1
    made = answer.json()
    assert made.pop("warning").startswith("No recovery key was given")
    assert client.get(answer["Location"], headers=acme.bearer).json() | {"health": 0} == made | {"health": 0}
    made = stream("acme", "second")
    assert (made.window_count, made.profile_mode, made.clear_attributes) == (1, "refuse", True)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "$.name"),
        ({"name": "Upper"}, "$.name"),
        ({"name": "a" * 64}, "$.name"),
        ({"name": 7}, "$.name"),
        ({"name": "x", "odd": 1}, "$.odd"),
        ({"name": "x", "window_count": 0}, "$.window_count"),
        ({"name": "x", "window_age_s": True}, "$.window_age_s"),
        ({"name": "x", "profile_mode": "maybe"}, "$.profile_mode"),
    ],
)
def test_it_refuses_what_is_no_stream(client: Client, acme: Place, fields: dict[str, Any], path: str) -> None:
    before = rows_of("acme")
    check(create(client, acme, **fields), 422, "parameter_invalid", path)
    assert rows_of("acme") == before


def test_a_name_is_used_once(client: Client, acme: Place) -> None:
    before = rows_of("acme")
    check(create(client, acme, name="decisions"), 409, "stream_exists")
    assert rows_of("acme") == before


def test_a_namespace_is_needed_and_its_form_tells_nothing(client: Client, acme: Place) -> None:
    check(
        client.post(ADDRESS, b"{}", "application/json", headers=acme.bearer),
        422,
        "parameter_invalid",
        "$.namespace",
    )
    for namespace in ("_system", "Nowhere", ""):
        check(create(client, acme, name="x", namespace=namespace), 404, "not_found")


def test_lists_go_on_behind_the_last_stream(client: Client, acme: Place) -> None:
    for name in ("alpha", "beta"):
        create(client, acme, name=name)
    first = client.get(f"{ADDRESS}?limit=2", headers=acme.bearer).json()
    rest = client.get(first["next"], headers=acme.bearer).json()
    assert [row["name"] for row in first["items"] + rest["items"]] == ["alpha", "beta", "decisions"]
    assert rest["next"] is None
    check(client.get(f"{ADDRESS}?after=alpha", headers=acme.bearer), 422, "parameter_invalid", "?after")
    check(client.get(f"{ADDRESS}?q=%00", headers=acme.bearer), 422, "parameter_invalid", "?q")


def test_a_stream_that_refuses_by_profile_keeps_nothing_and_one_that_warns_says_so(client: Client, acme: Place) -> None:
    event = json.dumps({"type": "ai.decision", "payload": {"odd": 1}})
    for mode, status in (("refuse", 422), ("warn", 201)):
        create(client, acme, name=mode, profile_mode=mode)
        before = rows_of("acme")
        answer = client.post(f"{ADDRESS}acme/{mode}/events/", event, "application/json", headers=acme.bearer)
        assert answer.status_code == status
        if mode == "refuse":
            check(answer, 422, "profile_refused")
            assert answer.json()["path"].startswith("$.payload")
            assert rows_of("acme") == before
        else:
            assert answer.json()["warnings"][0]["profile"] == "ai.decision"


def test_genesis_keeps_the_recovery_key_and_the_policy_that_were_given(client: Client, acme: Place) -> None:
    public = bytes(SigningKey(bytes([7]) * 32).verify_key)
    policy = f"log {log_vkeys(acme.stream.id)[0]}\nquorum none\n"
    key = base64.b64encode(public).decode()
    answer = create(client, acme, name="kept", recovery_key=key, policy=policy, post_quantum=True)
    assert (answer.status_code, "warning" in answer.json()) == (201, False)
    genesis = leaf(stream("acme", "kept"), 0).parsed.fields
    assert (genesis["recovery_key"], genesis["policy"]) == (key, hashlib.sha256(policy.encode()).hexdigest())
    assert len(log_vkeys(stream("acme", "kept").id)) == 2


WEAK = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"recovery_key": "AAAA"}, "parameter_invalid", "$.recovery_key"),
        ({"recovery_key": WEAK}, "weak_key", "$.recovery_key"),
        ({"policy": "witness"}, "policy_invalid", ""),
        ({"policy": "x" * 20_000}, "parameter_invalid", "$.policy"),
    ],
)
def test_a_weak_recovery_key_and_a_policy_that_is_none_are_refused(
    client: Client, acme: Place, fields: dict[str, str], code: str, path: str
) -> None:
    answer = create(client, acme, name="refused", **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert path in answer.json()["path"]


def test_a_stream_leaves_an_event_in_governance(client: Client, acme: Place) -> None:
    before = stream("_governance", "changes").size
    assert create(client, acme, name="recorded").status_code == 201
    made = stream("acme", "recorded")
    assert stream("_governance", "changes").size == before + 1
    row = EventIndex.objects.get(stream_id=stream("_governance", "changes").id, index=before)
    assert (row.type, row.subject) == ("ledger:stream:created", str(made.public_id))


@pytest.mark.parametrize(("route", "name"), [("streams/", "q"), ("streams/{ns}/{name}/events/", "subject")])
def test_the_document_says_that_no_text_holds_the_null_character(route: str, name: str) -> None:
    operation = json.loads(document())["paths"][f"/api/v1/{route}"]["get"]
    schema = next(one["schema"] for one in operation["parameters"] if one["name"] == name)
    assert re.search(schema["pattern"], "a\0b") is None
    assert re.search(schema["pattern"], "\u00e9 b") is not None
