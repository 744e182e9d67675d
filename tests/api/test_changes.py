"""Governed changes over HTTP: drafting by session, reading, the effect beforehand, and one record of each refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.identity.core.roles import Role
from ledger.core.strict_json import parse
from tests.support.clones import Clone
from tests.support.governed import World, denials, world
from tests.support.world import person, signed_in

pytestmark = pytest.mark.db
ADDRESS = "/api/v1/changes/"


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return world()


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, json.dumps(body if body is not None else {}), "application/json")


def test_a_draft_is_made_read_edited_and_submitted(it: World) -> None:
    here = signed_in(it["ada"].row)
    made = post(here, ADDRESS, {"type": "tenant.state", "body": it.suspend, "reason": "Agreed."})
    assert made.status_code == 201
    told = made.json()
    assert here.get(made["Location"]).json() == told
    assert (told["state"], told["effect"]["diff"]) == (
        "draft", [{"path": "/state", "old": '"active"', "new": '"suspended"'}],
    )  # fmt: skip
    edited = post(here, f"{made['Location']}revisions/", {"body": it.suspend, "reason": "Better.", "revision": 1})
    assert (edited.json()["revision"], edited.json()["reason"]) == (2, "Better.")
    submitted = post(here, f"{made['Location']}submit/", {"revision": 2}).json()
    assert (submitted["state"], [one["group"] for one in submitted["slots"]]) == ("in_review", ["ops", "ops"])
    listed = here.get(f"{ADDRESS}?state=in_review").json()
    assert [one["id"] for one in listed["items"]] == [told["id"]]


def test_the_effect_is_told_before_anything_is_kept(it: World) -> None:
    here = signed_in(it["ada"].row)
    told = post(here, f"{ADDRESS}effect/", {"type": "tenant.state", "body": it.suspend}).json()
    assert told["effect"]["direction"] == "tightens"
    assert told["rule"]["needs"] == [{"count": 2, "group": "ops"}]
    assert here.get(ADDRESS).json()["items"] == []


def test_a_word_is_signed_over_what_the_statement_route_gives(it: World) -> None:
    row = it.in_review()
    here = signed_in(it["ben"].row)
    envelope = parse(it.signed(row, Verb.APPROVE, "ben"))
    told = post(here, f"{ADDRESS}{row.key}/decisions/", {"envelope": envelope, "assertion": None})
    assert told.status_code == 200
    assert [one["person"] for one in told.json()["slots"]] == [it["ben"].id, None]
    given = here.get(f"{ADDRESS}{row.key}/statement/?verb=revoke-approval&key={it['ben'].kid}").json()
    assert given["payload_type"].endswith("gov.revoke-approval.v1+json")
    assert len(given["code"].split()) == 6


def test_a_refusal_has_no_effect_and_is_recorded_once(it: World) -> None:
    row = it.in_review()
    here = signed_in(it["ada"].row)
    envelope = parse(it.signed(row, Verb.APPROVE, "ada"))
    told = post(here, f"{ADDRESS}{row.key}/decisions/", {"envelope": envelope})
    assert (told.status_code, told.json()["code"]) == (403, "sod_contributor")
    row.refresh_from_db()
    assert (row.state, row.words.count()) == (State.IN_REVIEW, 0)
    assert denials().count("sod_contributor") == 1


@pytest.mark.parametrize("part", ["", "submit/", "hold/", "decisions/"])
def test_what_is_not_theirs_is_not_there_for_a_tenants_admin(it: World, part: str) -> None:
    row = it.in_review()
    here = signed_in(person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True))
    address = f"{ADDRESS}{row.key}/{part}"
    answer = post(here, address, {"revision": 1}) if part else here.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_system_key_reads_no_changes(it: World) -> None:
    answer = Client().get(ADDRESS, headers=it.acme.bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


def test_the_policy_is_told_whole(it: World) -> None:
    items = signed_in(it["ada"].row).get("/api/v1/policies/").json()["items"]
    assert [one["number"] for one in items] == [1]
    assert items[0]["policy"]["rules"][0]["change"] == "*"


def test_an_envelope_is_kept_as_it_was_sent(it: World) -> None:
    row = it.in_review()
    sent = json.dumps(json.loads(it.signed(row, Verb.APPROVE, "ben")), indent=3, sort_keys=False)
    body = f'{{ "assertion": null,\n "envelope" : {sent} }}'
    told = signed_in(it["ben"].row).post(f"{ADDRESS}{row.key}/decisions/", body, "application/json")
    assert told.status_code == 200
    assert bytes(row.words.get().envelope) == sent.encode()
