from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from django.test import Client

from ledger.core import envelope
from ledger.core.commitment import ATTRS_MEDIA_TYPE, commit
from ledger.core.dsse import parse_envelope
from ledger.core.receipt import differences, parse_receipt
from tests.support.world import Place

CE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"


def event(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "ai.decision", "id": f"dec-{number}", "payload": {"n": number}, **more}


def cloud(number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "t",
        "id": f"c-{number}",
        "source": "urn:x",
        "data": {"n": number},
        **more,
    }


def post(client: Client, where: Place, body: Any, content_type: str = "application/json", **headers: str) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(f"{where.path}events/", data, content_type, headers={**where.bearer, **headers})


def test_who_had_an_event_accepted_is_told_to_those_who_may_read_it(client: Client, acme: Place) -> None:
    made = post(client, acme, event()).json()
    shown = client.get(made["links"]["event"], headers=acme.bearer).json()
    assert shown["accepted_by"] == acme.key.actor
    assert "accepted_by" not in json.dumps(made)
    genesis = client.get(f"{acme.path}events/0/", headers=acme.bearer).json()
    assert "accepted_by" not in genesis


def test_the_answer_lets_the_client_recompute_everything(client: Client, acme: Place) -> None:
    response = post(client, acme, event(source="urn:acme:scoring", subject="case-88"))
    assert response.status_code == 201
    answer = response.json()
    raw = base64.b64decode(answer["leaf"])
    leaf = envelope.parse(raw)
    assert hashlib.sha256(b"\0" + raw).hexdigest() == answer["leaf_hash"]
    assert (leaf.kind, leaf.index, leaf.origin) == ("event", 1, acme.stream.origin)
    receipt = parse_receipt(parse_envelope(answer["receipt"]).payload)
    assert differences(receipt, leaf) == []
    salts = {name: base64.b64decode(salt) for name, salt in answer["salts"].items()}
    attrs = b'{"id":"dec-0","source":"urn:acme:scoring","subject":"case-88"}'
    assert leaf.fields["attrs"] == commit(salts["attrs"], ATTRS_MEDIA_TYPE, attrs).hex()
    assert leaf.fields["payload"] == commit(salts["payload"], "application/json", b'{"n":0}').hex()
    shown = client.get(answer["links"]["event"], headers=acme.bearer).json()
    assert shown["attrs"]["value"] == {"id": "dec-0", "source": "urn:acme:scoring", "subject": "case-88"}
    payload = client.get(shown["links"]["payload"], headers=acme.bearer)
    assert payload.content == b'{"n":0}'
    assert payload["Content-Type"] == "application/octet-stream"
    assert payload["Content-Disposition"].startswith("attachment")


def test_an_event_without_id_and_source_gets_a_uuid_and_the_name_of_its_key(client: Client, acme: Place) -> None:
    answer = post(client, acme, {"type": "t", "payload": None}).json()
    attrs = client.get(answer["links"]["event"], headers=acme.bearer).json()["attrs"]["value"]
    assert attrs["source"] == "pipeline"
    assert attrs["id"][14] == "7"


def test_a_batch_of_lines_is_answered_in_the_order_of_the_request(client: Client, acme: Place) -> None:
    lines = "\n".join(json.dumps(event(number)) for number in range(25)) + "\n"
    response = post(client, acme, lines, NDJSON)
    assert response.status_code == 201
    answer = response.json()
    assert (answer["accepted"], answer["first"], answer["last"], answer["repeated"]) == (25, 1, 25, 0)
    for index, (receipt, leaf) in enumerate(zip(answer["receipts"], answer["leaves"], strict=True), 1):
        read = envelope.parse(base64.b64decode(leaf))
        assert read.index == index
        assert differences(parse_receipt(parse_envelope(receipt).payload), read) == []


def test_lines_may_be_cloudevents(client: Client, acme: Place) -> None:
    lines = "\n".join(json.dumps(one) for one in (cloud(1), event(2)))
    assert post(client, acme, lines, NDJSON).json()["accepted"] == 2


def test_cloudevents_come_structured_and_in_batches(client: Client, acme: Place) -> None:
    assert post(client, acme, cloud(1, traceid="abc"), CE).status_code == 201
    response = post(client, acme, [cloud(2), cloud(3)], BATCH)
    assert response.status_code == 201
    assert response.json()["indices"] == [2, 3]
    attrs = client.get(f"{acme.path}events/1/", headers=acme.bearer).json()["attrs"]["value"]
    assert attrs == {"id": "c-1", "source": "urn:x", "traceid": "abc"}


def test_binary_mode_keeps_the_body_byte_for_byte(client: Client, acme: Place) -> None:
    headers = {"ce-specversion": "1.0", "ce-type": "scan", "ce-id": "b-1", "ce-source": "urn:x",
               "ce-subject": "Euro%20%E2%82%AC", "ce-note": '"quo\\"ted"'}  # fmt: skip
    response = post(client, acme, b"\x00\xff", "application/x-scan", **headers)
    assert response.status_code == 201, response.content
    shown = client.get(f"{acme.path}events/1/", headers=acme.bearer).json()
    assert shown["attrs"]["value"]["subject"] == "Euro \u20ac"
    assert shown["attrs"]["value"]["note"] == 'quo"ted'
    assert shown["payload"]["media_type"] == "application/x-scan"
    assert client.get(shown["links"]["payload"], headers=acme.bearer).content == b"\x00\xff"


def test_binary_mode_takes_json_too(client: Client, acme: Place) -> None:
    headers = {"ce-specversion": "1.0", "ce-type": "t", "ce-id": "b-1", "ce-source": "urn:x"}
    assert post(client, acme, b'{"a": 1}', "application/json", **headers).status_code == 201
    assert client.get(f"{acme.path}events/1/payload/", headers=acme.bearer).content == b'{"a": 1}'


def test_a_repeated_event_gets_its_first_receipt(client: Client, acme: Place) -> None:
    first = post(client, acme, event())
    again = post(client, acme, event())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "replayed": True}


def test_the_same_request_under_one_idempotency_key_is_answered_again(client: Client, acme: Place) -> None:
    lines = '{"type":"t","payload":1}\n{"type":"t","payload":2}'
    first = post(client, acme, lines, NDJSON, **{"Idempotency-Key": "k 1"})
    again = post(client, acme, lines, NDJSON, **{"Idempotency-Key": "k 1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["indices"] == first.json()["indices"] == [1, 2]
    assert again.json()["receipts"] == first.json()["receipts"]
    assert again.json()["replayed"] is True


def test_a_batch_that_is_partly_known_says_so(client: Client, acme: Place) -> None:
    post(client, acme, event(1))
    answer = post(client, acme, f"{json.dumps(event(1))}\n{json.dumps(event(2))}", NDJSON)
    assert answer.status_code == 201
    assert answer.json()["indices"] == [1, 2]
    assert answer.json()["repeated"] == 1


@pytest.mark.parametrize("size", [31 * 1024, 33 * 1024, 1_000_000])
def test_payloads_of_any_size_come_back_as_they_went_in(client: Client, acme: Place, size: int) -> None:
    answer = post(client, acme, {"type": "t", "payload": "x" * size}).json()
    payload = client.get(f"{answer['links']['event']}payload/", headers=acme.bearer)
    assert payload.content == b'"' + b"x" * size + b'"'
