from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.dsse import parse_envelope
from ledger.core.merkle import verify_consistency, verify_inclusion
from ledger.core.note import parse_note
from ledger.core.proof import parse_proof
from ledger.core.witness_policy import parse_policy
from ledger.selectors.keys import log_vkeys
from tests.api.test_bad_input import check
from tests.support.world import Place

NDJSON = "application/x-ndjson"


def fill(client: Client, where: Place, first: int, count: int) -> None:
    lines = "\n".join(json.dumps({"type": "t", "id": f"e{n}", "payload": n}) for n in range(first, first + count))
    assert client.post(f"{where.path}events/", lines, NDJSON, headers=where.bearer).status_code == 201


def seal(client: Client, where: Place) -> Any:
    return client.post(f"{where.path}seal/", headers=where.bearer).json()


def get(client: Client, where: Place, part: str, **headers: str) -> Any:
    return client.get(f"{where.path}{part}", headers={**where.bearer, **headers})


def hashes(texts: list[str]) -> list[Any]:
    return [base64.b64decode(text) for text in texts]


def test_a_sealed_event_is_proved_by_what_the_answer_holds(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 5)
    sealed = seal(client, acme)
    assert sealed["sealed"] is True
    assert sealed["window"]["count"] == 6
    proof = get(client, acme, "events/3/proof/").json()
    checkpoint = parse_checkpoint(parse_note(proof["checkpoint"].encode()).text)
    leaf_hash: Any = bytes.fromhex(proof["leaf_hash"])
    verify_inclusion(3, proof["size"], leaf_hash, hashes(proof["hashes"]), checkpoint.root)
    assert checkpoint.size == proof["size"] == sealed["checkpoint"]["size"]


@pytest.mark.parametrize("headers", [{"Accept": "text/plain"}, {}])
def test_the_proof_comes_as_text_that_verifies_alone(client: Client, acme: Place, headers: dict[str, str]) -> None:
    fill(client, acme, 0, 3)
    seal(client, acme)
    answer = get(client, acme, "events/2/proof/" + ("" if headers else "?format=tlog-proof"), **headers)
    assert answer["Content-Type"].startswith("text/plain")
    leaf_hash: Any = bytes.fromhex(get(client, acme, "events/2/").json()["leaf_hash"])
    policy = parse_policy(f"log {log_vkeys(acme.stream.id)[0]}\nquorum none\n".encode())
    assert parse_proof(answer.content).verify(leaf_hash, policy).index == 2


def test_a_proof_is_given_against_an_older_checkpoint_too(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 3)
    old = seal(client, acme)["checkpoint"]["size"]
    fill(client, acme, 3, 4)
    new = seal(client, acme)["checkpoint"]["size"]
    assert get(client, acme, f"events/1/proof/?size={old}").json()["size"] == old
    assert get(client, acme, "events/1/proof/").json()["size"] == new
    answer = get(client, acme, f"consistency/?from={old}&to={new}").json()
    roots = {row["size"]: bytes.fromhex(row["root"]) for row in get(client, acme, "checkpoints/").json()["items"]}
    verify_consistency(old, new, hashes(answer["proof"]), roots[old], roots[new])  # type: ignore[arg-type]  # hashes from JSON


def test_what_no_checkpoint_covers_has_no_proof_yet_and_says_what_to_do(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 1)
    answer = get(client, acme, "events/1/proof/")
    check(answer, 404, "proof_pending", "$")
    assert "window" in answer.json()["next"]
    assert 1 <= int(answer["Retry-After"]) <= 60
    check(get(client, acme, "events/2/proof/"), 404, "not_found")
    seal(client, acme)
    assert get(client, acme, "events/1/proof/").status_code == 200


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("events/0/proof/?size=0", "?size"),
        ("events/0/proof/?size=x", "?size"),
        ("events/0/proof/?format=pdf", "?format"),
        ("consistency/", "?from"),
        ("consistency/?from=1", "?to"),
        ("consistency/?from=2&to=1", "?from"),
        ("checkpoints/?after=-1", "?after"),
        ("checkpoints/?limit=0", "?limit"),
        ("windows/?limit=201", "?limit"),
        ("events/?after=9007199254740992", "?after"),
        ("events/?recorded_from=yesterday", "?recorded_from"),
        ("events/?type=", "?type"),
    ],
)
def test_parameters_are_refused_by_name(client: Client, acme: Place, part: str, path: str) -> None:
    seal(client, acme)
    check(get(client, acme, part), 422, "parameter_invalid", path)


def test_sizes_beyond_the_newest_checkpoint_have_no_proof(client: Client, acme: Place) -> None:
    seal(client, acme)
    check(get(client, acme, "consistency/?from=1&to=99999"), 404, "not_found")


def test_the_receipt_is_the_one_of_the_answer(client: Client, acme: Place) -> None:
    body = json.dumps({"type": "t", "payload": 1})
    first = client.post(f"{acme.path}events/", body, "application/json", headers=acme.bearer).json()
    assert get(client, acme, "events/1/receipt/").json() == first["receipt"]
    seal(client, acme)
    assert get(client, acme, "events/1/receipt/").json() == first["receipt"]
    assert parse_envelope(get(client, acme, "events/1/receipt/").content).payload_type.endswith("receipt.v1+json")


def test_lists_page_by_key_in_both_directions(client: Client, acme: Place) -> None:
    for number in range(3):
        fill(client, acme, number, 1)
        seal(client, acme)
    seen: list[int] = []
    address = f"{acme.path}checkpoints/?limit=1"
    while address:
        page = client.get(address, headers=acme.bearer).json()
        seen += [row["size"] for row in page["items"]]
        address = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 3
    first = get(client, acme, "events/?limit=2").json()
    rest = client.get(first["next"], headers=acme.bearer).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == ["e0", "e1", "e2"]
    assert rest["next"] is None


def test_events_are_found_by_what_they_say(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 2)
    line = json.dumps({"type": "u", "source": "urn:s", "subject": "case 1", "payload": 0})
    client.post(f"{acme.path}events/", line, NDJSON, headers=acme.bearer)
    for part in ("type=u", "source=urn:s", "subject=case%201"):
        items = get(client, acme, f"events/?{part}").json()["items"]
        assert [item["type"] for item in items] == ["u"], part
    assert get(client, acme, "events/?recorded_to=2001-01-01T00:00:00Z").json()["items"] == []


def test_a_window_tells_its_range_and_is_tiled_by_the_next(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 3)
    seal(client, acme)
    fill(client, acme, 3, 3)
    seal(client, acme)
    second, first = get(client, acme, "windows/").json()["items"]
    assert second["from"] == first["to"] + 1
    assert get(client, acme, "windows/1/").json() == first
    check(get(client, acme, "windows/9/"), 404, "not_found")


def test_the_state_of_a_stream_tells_all_five_paths(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 3)
    before = get(client, acme, "").json()
    assert before["checkpoint"] is None
    seal(client, acme)
    state = get(client, acme, "").json()
    assert [path["path"] for path in state["health"]] == [
        "receipt",
        "window",
        "checkpoint",
        "witness",
        "bundle",
    ]
    assert {path["path"]: path["state"] for path in state["health"]}["receipt"] == "pass"
    assert state["checkpoint"]["size"] == state["signed_size"] == state["size"]
    assert state["window"]["number"] == 1


def test_there_is_nothing_to_seal_twice(client: Client, acme: Place) -> None:
    fill(client, acme, 0, 1)
    assert seal(client, acme)["sealed"] is True
    again = seal(client, acme)
    assert again["sealed"] is False
    assert again["checkpoint"] is not None
