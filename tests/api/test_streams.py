from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

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
    assert client.get(answer["Location"], headers=acme.bearer).json() | {"health": 0} == answer.json() | {"health": 0}
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
