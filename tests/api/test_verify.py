from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console.api.operations import verify
from ledger.selectors.keys import log_vkeys
from tests.api.test_bad_input import check
from tests.api.test_proofs import fill, get, seal
from tests.support.counts import rows_of
from tests.support.world import Place

ADDRESS = "/api/v1/verify/"


def policy(where: Place) -> str:
    return f"log {log_vkeys(where.stream.id)[0]}\nquorum none\n"


@pytest.fixture
def proof(client: Client, acme: Place) -> tuple[str, str]:
    """A proof, and its leaf in base64."""
    fill(client, acme, 0, 3)
    seal(client, acme)
    text = get(client, acme, "events/2/proof/?format=tlog-proof").content.decode()
    return text, get(client, acme, "events/2/").json()["leaf"]


def send(client: Client, **fields: Any) -> Any:
    return client.post(ADDRESS, json.dumps(fields), "application/json")


def test_anybody_verifies_a_proof_under_their_own_policy(client: Client, acme: Place, proof: tuple[str, str]) -> None:
    answer = send(client, evidence=proof[0], leaf=proof[1], policy=policy(acme))
    assert answer.status_code == 200, answer.content
    report = answer.json()
    assert (report["outcome"], report["ok"], report["kind"]) == ("verified", True, "proof")


def test_a_changed_leaf_is_rejected_by_name(client: Client, acme: Place, proof: tuple[str, str]) -> None:
    leaf = base64.b64encode(base64.b64decode(proof[1]) + b" ").decode()
    report = send(client, evidence=proof[0], leaf=leaf, policy=policy(acme)).json()
    assert report["outcome"] == "rejected"
    assert "inclusion_invalid" in {problem["code"] for problem in report["problems"]}


def test_a_form_carries_files(client: Client, acme: Place, proof: tuple[str, str]) -> None:
    form = {
        "evidence": SimpleUploadedFile("event.tlog-proof", proof[0].encode()),
        "leaf": SimpleUploadedFile("leaf", base64.b64decode(proof[1])),
        "policy": policy(acme),
    }
    answer = client.post(ADDRESS, form)
    assert answer.status_code == 200, answer.content
    assert answer.json()["outcome"] == "verified"


def test_a_checkpoint_and_a_receipt_are_told_by_their_bytes(
    client: Client, acme: Place, proof: tuple[str, str]
) -> None:
    note = get(client, acme, "").json()["checkpoint"]["note"]
    assert send(client, evidence=note, policy=policy(acme)).json()["kind"] == "checkpoint"
    receipt = get(client, acme, "events/1/receipt/").json()
    assert send(client, evidence=receipt, policy=policy(acme)).json()["kind"] == "receipt"


def test_nothing_is_stored(client: Client, acme: Place, proof: tuple[str, str]) -> None:
    before = rows_of("acme")
    send(client, evidence=proof[0], leaf=proof[1], policy=policy(acme))
    assert rows_of("acme") == before


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({}, "input_unreadable", "$.evidence"),
        ({"evidence": "x\n"}, "input_unreadable", "$.policy"),
        ({"evidence": "x\n", "policy": "nonsense"}, "policy_invalid", ""),
        ({"evidence": "?", "policy": "quorum none\n"}, "input_unreadable", "$.evidence"),
        ({"evidence": 7, "policy": "quorum none\n"}, "input_unreadable", "$.evidence"),
        ({"evidence": "x\n", "policy": "quorum none\n", "odd": 1}, "input_unreadable", "$.odd"),
        ({"evidence": "x\n", "policy": "quorum none\n", "now": -1}, "input_unreadable", "$.now"),
        ({"evidence": "x\n", "policy": "quorum none\n", "trust": {"odd": 1}}, "trust_invalid", ""),
    ],
)
def test_what_cannot_be_verified_is_refused(
    client: Client, acme: Place, fields: dict[str, Any], code: str, path: str
) -> None:
    if fields.get("policy") == "quorum none\n":
        fields = {**fields, "policy": policy(acme)}
    check(send(client, **fields), 422, code, path)


def test_garbage_is_a_report_and_never_a_failure(client: Client, acme: Place) -> None:
    for garbage in (
        b"\x1f\x8b\x08garbage",
        b"{",
        b"c2sp.org/tlog-proof@v1\nindex x\n",
        b"\x00" * 300,
        b"note\n",
    ):
        form = {"evidence": SimpleUploadedFile("evidence", garbage), "policy": policy(acme)}
        answer = client.post(ADDRESS, form)
        assert answer.status_code in {200, 422}, answer.content
        if answer.status_code == 200:
            assert answer.json()["outcome"] in {"rejected", "incomplete"}


def test_a_large_body_is_refused(client: Client, acme: Place) -> None:
    check(client.post(ADDRESS, b"x" * (33 * 1024 * 1024), "application/json"), 413, "body_too_large")


def test_only_so_many_run_at_once(client: Client, acme: Place, proof: tuple[str, str]) -> None:
    for _ in range(verify.AT_ONCE):
        assert verify._slots.acquire(blocking=False)
    try:
        answer = send(client, evidence=proof[0], leaf=proof[1], policy=policy(acme))
    finally:
        for _ in range(verify.AT_ONCE):
            verify._slots.release()
    check(answer, 429, "rate_limited")
    assert answer["Retry-After"] == "2"
    assert send(client, evidence=proof[0], leaf=proof[1], policy=policy(acme)).status_code == 200


def test_another_type_is_refused(client: Client, acme: Place) -> None:
    check(client.post(ADDRESS, b"x", "application/octet-stream"), 415, "type_unsupported")
