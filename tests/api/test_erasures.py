"""Erasing, holding and what is declared, over HTTP: who may, what it answers, and what reads answer afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from governance.identity.core.roles import Role
from ledger.errors import StreamStopped
from ledger.models import RefusedAppend
from ledger.selectors.streams import stream
from ledger.services import gaps
from ledger.services.terms import Change, declare
from tests.api.test_bad_input import check
from tests.api.test_proofs import fill, seal
from tests.support.erasing import exported
from tests.support.streams import append, event
from tests.support.world import Place, person, signed_in

BASE = "/api/v1/streams/acme/decisions/"
ERASE = {"from": 2, "to": 3, "parts": ["payload"], "reason_code": "subject", "reason": "request 7"}
HOLD = {"from": 3, "to": 4, "case": "C-7", "reason": "audit"}


@pytest.fixture
def sealed(client: Client, acme: Place) -> Place:
    """Leaves 1 to 4 are events."""
    fill(client, acme, 0, 4)
    seal(client, acme)
    return acme


@pytest.fixture
def admin(sealed: Place) -> Client:
    return signed_in(person("ada@acme.test", Role.TENANT_ADMIN, sealed.tenant))


def post(client: Client, path: str, body: Any, **more: Any) -> Any:
    return client.post(BASE + path, json.dumps(body), "application/json", **more)


def test_an_erased_payload_is_gone_everywhere_and_the_event_says_who_when_and_why(admin: Client) -> None:
    done = post(admin, "erasures/", ERASE)
    assert done.status_code == 200
    assert done.json() == {"leaves": [6], "events": 2, "replayed": False}
    check(admin.get(f"{BASE}events/2/payload/"), 410, "payload_erased")
    shown = admin.get(f"{BASE}events/2/").json()
    assert (shown["erased"], shown["payload"], shown["attrs"]["value"]["id"]) == (
        True,
        None,
        shown["attrs"]["value"]["id"],
    )
    (told,) = shown["erasures"]
    assert told["by"].startswith("person:")
    assert (told["leaf"], told["reason_code"], told["reason"], told["parts"], told["done"]) == (
        6, "subject", "request 7", ["payload"], True,
    )  # fmt: skip
    assert told["backup_horizon"] > told["recorded"]
    assert admin.get(f"{BASE}events/1/").json()["erased"] is False
    assert admin.get(f"{BASE}erasures/").json()["items"] == [told]
    assert post(admin, "erasures/", ERASE).json() == {"leaves": [6], "events": 2, "replayed": True}


def test_an_erased_event_that_is_sent_again_is_answered_410(client: Client, sealed: Place, admin: Client) -> None:
    again = event("mine", b'{"a":1}')
    index = append(stream("acme", "decisions"), again).appended[0].index
    post(admin, "erasures/", {**ERASE, "from": index, "to": index})
    body = json.dumps({"type": again.type, "id": again.id, "source": again.source, "payload": {"a": 1}})
    answer = client.post(f"{BASE}events/", body, "application/json", headers=sealed.bearer)
    check(answer, 410, "payload_erased")


def test_what_a_hold_covers_is_refused_until_it_is_released(admin: Client) -> None:
    assert post(admin, "holds/", HOLD).json() == {"case": "C-7", "leaves": [6], "events": 2, "erased": 0}
    refused = post(admin, "erasures/", ERASE)
    check(refused, 409, "held")
    assert "case 'C-7'" in refused.json()["detail"]
    assert [one["case"] for one in admin.get(f"{BASE}events/3/").json()["holds"]] == ["C-7"]
    assert post(admin, "holds/release/", {"case": "C-7", "reason": "closed"}).json()["events"] == 2
    assert post(admin, "erasures/", ERASE).status_code == 200
    (row,) = admin.get(f"{BASE}holds/").json()["items"]
    assert row["released"] is True
    check(post(admin, "holds/release/", {"case": "C-7", "reason": "closed"}), 404, "not_found")


@pytest.mark.parametrize("path", ["erasures/", "holds/", "holds/release/"])
@pytest.mark.parametrize("role", [Role.TENANT_DEVELOPER, Role.TENANT_VIEWER, None])
def test_it_takes_the_right_to_manage(sealed: Place, path: str, role: Role | None) -> None:
    by_key = Client(headers=sealed.bearer)
    caller = by_key if role is None else signed_in(person("vic@acme.test", role, sealed.tenant))
    size = stream("acme", "decisions").size
    answer = post(caller, path, {**ERASE, **HOLD})
    assert answer.status_code == 403
    assert stream("acme", "decisions").size == size


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"parts": []}, "parameter_invalid", "$.parts"),
        ({"parts": ["salt"]}, "parameter_invalid", "$.parts"),
        ({"parts": ["payload", "payload"]}, "parameter_invalid", "$.parts"),
        ({"from": 4}, "parameter_invalid", "$.to"),
        ({"reason_code": "because"}, "parameter_invalid", "$.reason_code"),
        ({"reason": " "}, "reason_refused", "$.reason"),
        ({"from": 90, "to": 91}, "range_invalid", "$"),
        ({"odd": 1}, "parameter_invalid", "$.odd"),
    ],
)
def test_it_refuses_what_is_no_request(admin: Client, changes: dict[str, Any], code: str, path: str) -> None:
    check(post(admin, "erasures/", {**ERASE, **changes}), 422, code, path)
    assert stream("acme", "decisions").size == 6


def test_a_bundle_that_disclosed_it_is_gone(admin: Client, sealed: Place) -> None:
    made = exported(sealed.stream, 1, 4)
    address = f"/api/v1/bundles/{made.public_id}/download/"
    assert admin.get(address).status_code == 200
    post(admin, "erasures/", ERASE)
    check(admin.get(address), 410, "gone")


def test_a_stream_tells_what_it_declares_and_how_complete_its_source_is(admin: Client) -> None:
    shown = admin.get(BASE).json()
    assert shown["completeness"]["state"] == "not_evaluated"
    assert [path["path"] for path in shown["health"]] == ["receipt", "window", "checkpoint", "witness", "bundle"]
    assert shown["terms"] == {
        "leaf": None, "retention_days": {"attrs": None, "payload": None}, "expected_every_s": None, "sequence": False,
    }  # fmt: skip
    change = Change(payload_days=30, expected_every_s=600, sequence=True)
    declare(stream("acme", "decisions"), change, reason="agreed", by="person:1")
    append(stream("acme", "decisions"), event("a", sequence="1"), event("b", sequence="3"))
    gaps.scan_all()
    assert admin.get(f"{BASE}terms/").json() == {
        "leaf": 6, "retention_days": {"attrs": None, "payload": 30}, "expected_every_s": 600, "sequence": True,
    }  # fmt: skip
    (gap,) = admin.get(f"{BASE}gaps/").json()["items"]
    assert (gap["cause"], gap["from"], gap["to"], gap["count"], gap["after"], gap["before"]) == (
        "sequence", "2", "2", 1, 7, 8,
    )  # fmt: skip
    assert admin.get(BASE).json()["completeness"]["state"] == "fail"


def test_appends_that_we_refuse_are_counted_for_the_stream(
    client: Client, sealed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any, **__: Any) -> None:
        raise StreamStopped("The stream is stopped")

    monkeypatch.setattr("console.api.operations.append.append_events", stopped)
    body = json.dumps({"type": "t", "payload": 1})
    for bearer in (sealed.bearer, sealed.bearer, {}):
        client.post(f"{BASE}events/", body, "application/json", headers=bearer)
    (row,) = RefusedAppend.objects.all()
    assert (row.stream_id, row.code, row.count) == (sealed.stream.id, "stream_stopped", 2)
    assert (datetime.now(UTC) - row.minute).total_seconds() < 120


def test_all_events_of_a_subject_are_held_and_erased_and_no_other(admin: Client) -> None:
    for number, subject in enumerate(["case-1", "case-2", "case-1"]):
        append(stream("acme", "decisions"), event(f"s{number}", subject=subject))
    held = {"subject": "case-1", "case": "C-8", "reason": "audit"}
    assert post(admin, "holds/", held).json() == {"case": "C-8", "leaves": [9], "events": 2, "erased": 0}
    gone = {"subject": "case-1", "parts": ["attrs", "payload"], "reason_code": "subject", "reason": "request 8"}
    check(post(admin, "erasures/", gone), 409, "held")
    post(admin, "holds/release/", {"case": "C-8", "reason": "over"})
    done = post(admin, "erasures/", gone).json()
    assert (done["events"], done["replayed"]) == (2, False)
    assert [admin.get(f"{BASE}events/{index}/payload/").status_code for index in (6, 7, 8)] == [410, 200, 410]
    check(post(admin, "erasures/", gone), 422, "range_invalid")


@pytest.mark.parametrize(
    ("more", "path"),
    [({"subject": "s", "from": 1, "to": 2}, "$.from"), ({"from": 1}, "$.from"), ({}, "$.from"),
     ({"subject": ""}, "$.subject"), ({"subject": "s" * 1_025}, "$.subject"), ({"subject": 7}, "$.subject")],
)  # fmt: skip
def test_a_range_or_a_subject_is_named_and_never_both(admin: Client, more: dict[str, Any], path: str) -> None:
    check(post(admin, "holds/", {"case": "C-9", "reason": "audit", **more}), 422, "parameter_invalid", path)
    body = {"parts": ["payload"], "reason_code": "subject", "reason": "r", **more}
    check(post(admin, "erasures/", body), 422, "parameter_invalid", path)
