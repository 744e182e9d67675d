"""Every refusal of the ingest door: status, code, path, next step, and no effect."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from django.test import Client

from tests.support import raw_http
from tests.support.clones import Clone
from tests.support.counts import rows_of
from tests.support.world import Place, bearer

JSON = "application/json"
NDJSON = "application/x-ndjson"
CE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
CLOUD = b'{"specversion":"1.0","type":"t","id":"1","source":"s"'
MEBIBYTE = 1024 * 1024
TYPE = "$.headers['content-type']"
ENCODING = "$.headers['content-encoding']"


@dataclass
class Bad:
    """A request and what must come of it."""

    name: str
    body: bytes | Callable[[], bytes]
    status: int
    code: str
    path: str = ""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def _line(number: int) -> bytes:
    return b'{"type":"t","id":"e-%d","payload":{"n":%d}}' % (number, number)


def _ten_thousand_with_one_bad() -> bytes:
    lines = [_line(number) for number in range(10_000)]
    lines[7_332] = b'{"type":"t","id":"e","payload":{"items":[1,NaN]}}'
    return b"\n".join(lines)


def _binary(**headers: str) -> dict[str, str]:
    return {"ce-specversion": "1.0", "ce-type": "t", "ce-id": "b", "ce-source": "urn:x", **headers}


CASES = [
    Bad("duplicate keys", b'{"type":"t","payload":{"a":1,"a":2}}', 422, "json_invalid", "$.payload.a"),
    Bad("NaN", b'{"type":"t","payload":{"items":[0,NaN]}}', 422, "json_invalid", "$.payload.items[1]"),
    Bad("Infinity", b'{"type":"t","payload":-Infinity}', 422, "json_invalid", "$.payload"),
    Bad("2^53", b'{"type":"t","payload":{"n":9007199254740992}}', 422, "json_invalid", "$.payload.n"),
    Bad("-2^53", b'{"type":"t","payload":[-9007199254740992]}', 422, "json_invalid", "$.payload[0]"),
    Bad("a number beyond a double", b'{"type":"t","payload":1e400}', 422, "json_invalid", "$.payload"),
    Bad("lone surrogate", b'{"type":"t","payload":"\\ud800"}', 422, "json_invalid", "$.payload"),
    Bad("lone surrogate in a key", b'{"type":"t","payload":{"\\udfff":1}}', 422, "json_invalid"),
    Bad("deep nesting", b'{"type":"t","payload":' + b"[" * 100_000, 422, "json_invalid"),
    Bad(
        "deep and closed",
        b'{"type":"t","payload":' + b"[" * 99_999 + b"]" * 99_999 + b"}",
        422,
        "json_invalid",
    ),
    Bad("byte order mark", b'\xef\xbb\xbf{"type":"t","payload":1}', 422, "json_invalid", "$"),
    Bad("not UTF-8", b'{"type":"t","payload":"\xff"}', 422, "json_invalid"),
    Bad("trailing data", b'{"type":"t","payload":1} x', 422, "json_invalid", "$"),
    Bad("nothing at all", b"", 422, "json_invalid", "$"),
    Bad("no object", b"[]", 422, "event_invalid", "$"),
    Bad("no payload", b'{"type":"t"}', 422, "event_invalid", "$"),
    Bad("no type", b'{"payload":1}', 422, "event_invalid", "$.type"),
    Bad("unknown field", b'{"type":"t","payload":1,"odd":2}', 422, "event_invalid", "$.odd"),
    Bad("over-long id", b'{"type":"t","payload":1,"id":"' + b"x" * 257 + b'"}', 422, "event_invalid", "$.id"),
    Bad(
        "over-long in bytes",
        b'{"type":"t","payload":1,"id":"' + "ä".encode() * 129 + b'"}',
        422,
        "event_invalid",
        "$.id",
    ),
    Bad("over-long type", b'{"type":"' + b"x" * 257 + b'","payload":1}', 422, "event_invalid", "$.type"),
    Bad("time of another form", b'{"type":"t","payload":1,"time":"yesterday"}', 422, "event_invalid", "$.time"),
    Bad("33 MiB", lambda: b'{"type":"t","payload":"' + b"x" * 33 * MEBIBYTE + b'"}', 413, "body_too_large", "$"),
    Bad("empty batch of lines", b"", 422, "batch_empty", "$", NDJSON),
    Bad("empty batch of one newline", b"\n", 422, "batch_empty", "$", NDJSON),
    Bad("empty batch of CloudEvents", b"[]", 422, "batch_empty", "$", BATCH),
    Bad(
        "one bad line in 10,000",
        _ten_thousand_with_one_bad,
        422,
        "json_invalid",
        "$[7332].payload.items[1]",
        NDJSON,
    ),
    Bad("10,001 lines", lambda: b"\n".join(map(_line, range(10_001))), 413, "batch_too_large", "$", NDJSON),
    Bad("a blank line inside", _line(1) + b"\n\n" + _line(2), 422, "json_invalid", "$[1]", NDJSON),
    Bad(
        "a bad id on line 2",
        _line(1) + b'\n{"type":"t","payload":1,"id":5}',
        422,
        "event_invalid",
        "$[1].id",
        NDJSON,
    ),
    Bad(
        "a batch that contradicts itself",
        b'{"type":"t","id":"a","payload":1}\n{"type":"t","id":"a","payload":2}',
        409,
        "event_conflict",
        "$[1]",
        NDJSON,
    ),
    Bad("wrong content type", b"type=t", 415, "type_unsupported", TYPE, "application/x-www-form-urlencoded"),
    Bad("text", b'{"type":"t","payload":1}', 415, "type_unsupported", TYPE, "text/plain"),
    Bad("no content type", b'{"type":"t","payload":1}', 415, "type_unsupported", TYPE, ""),
    Bad("another charset", b'{"type":"t","payload":1}', 415, "type_unsupported", TYPE, f"{JSON}; charset=latin-1"),
    Bad("a quoted charset", b'{"type":"t","payload":1}', 415, "type_unsupported", TYPE, f'{NDJSON}; charset="utf-16"'),
    Bad(
        "a compressed body",
        gzip.compress(b'{"type":"t","payload":1}'),
        415,
        "encoding_unsupported",
        ENCODING,
        headers={"Content-Encoding": "gzip"},
    ),
    Bad(
        "an encoding of encodings",
        b'{"type":"t","payload":1}',
        415,
        "encoding_unsupported",
        ENCODING,
        headers={"Content-Encoding": "identity, br"},
    ),
    Bad(
        "a CloudEvent without specversion",
        b'{"type":"t","id":"1","source":"s"}',
        422,
        "event_invalid",
        "$.specversion",
        CE,
    ),
    Bad(
        "a CloudEvent with both data",
        CLOUD + b',"data":1,"data_base64":""}',
        422,
        "event_invalid",
        "$.data_base64",
        CE,
    ),
    Bad(
        "a CloudEvent with bad base64",
        CLOUD + b',"data_base64":"?"}',
        422,
        "event_invalid",
        "$.data_base64",
        CE,
    ),
    Bad(
        "a batch with one bad CloudEvent",
        b'[{"specversion":"1.0","type":"t","id":"1","source":"s"},7]',
        422,
        "event_invalid",
        "$[1]",
        BATCH,
    ),
    Bad(
        "binary mode without id",
        b"x",
        422,
        "event_invalid",
        "$.headers.id",
        "text/plain",
        {"ce-specversion": "1.0", "ce-type": "t", "ce-source": "s"},
    ),
    Bad(
        "binary mode with broken escapes",
        b"x",
        422,
        "event_invalid",
        "$.headers['ce-subject']",
        "text/plain",
        _binary(**{"ce-subject": "%ff"}),
    ),
    Bad(
        "an idempotency key with control characters",
        b'{"type":"t","payload":1}',
        422,
        "idempotency_key_invalid",
        "$.headers['idempotency-key']",
        JSON,
        {"Idempotency-Key": "a\tb"},
    ),
    Bad(
        "an empty idempotency key",
        b'{"type":"t","payload":1}',
        422,
        "idempotency_key_invalid",
        "$.headers['idempotency-key']",
        JSON,
        {"Idempotency-Key": ""},
    ),
    Bad(
        "an over-long idempotency key",
        b'{"type":"t","payload":1}',
        422,
        "idempotency_key_invalid",
        "$.headers['idempotency-key']",
        JSON,
        {"Idempotency-Key": "x" * 256},
    ),
]


def check(answer: Any, status: int, code: str, path: str = "") -> None:
    """The whole shape of a problem."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert (body["status"], body["code"]) == (status, code), body
    assert body.keys() == {"type", "title", "status", "detail", "code", "request_id", "next", "path"}
    assert all(body.values())
    assert body["request_id"] == answer["X-Request-ID"]
    if path:
        assert body["path"] == path, body


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_it_refuses(bad: Bad, client: Client, acme: Place) -> None:
    before = rows_of("acme")
    body = bad.body if isinstance(bad.body, bytes) else bad.body()
    answer = client.generic(
        "POST", f"{acme.path}events/", body, bad.content_type, headers={**acme.bearer, **bad.headers},
        CONTENT_TYPE=bad.content_type,
    )  # fmt: skip
    check(answer, bad.status, bad.code, bad.path)
    assert rows_of("acme") == before


def _events(client: Client, where: Place, body: str, **headers: str) -> Any:
    return client.post(f"{where.path}events/", body, NDJSON, headers={**where.bearer, **headers})


def test_it_refuses_a_reused_idempotency_key(client: Client, acme: Place) -> None:
    assert _events(client, acme, '{"type":"t","payload":1}', **{"Idempotency-Key": "once"}).status_code == 201
    before = rows_of("acme")
    answer = _events(client, acme, '{"type":"t","payload":2}', **{"Idempotency-Key": "once"})
    check(answer, 409, "idempotency_conflict", "$.headers['idempotency-key']")
    assert rows_of("acme") == before


def test_it_refuses_an_id_with_other_content(client: Client, acme: Place) -> None:
    _events(client, acme, '{"type":"t","id":"a","payload":1}')
    before = rows_of("acme")
    check(_events(client, acme, '{"type":"t","id":"a","payload":2}'), 409, "event_conflict", "$[0]")
    alone = client.post(f"{acme.path}events/", '{"type":"t","id":"a","payload":2}', JSON, headers=acme.bearer)
    check(alone, 409, "event_conflict", "$.id")
    source = {"ce-source": alone_source(acme), "ce-id": "a"}
    binary = client.post(f"{acme.path}events/", "x", "text/plain", headers={**acme.bearer, **_binary(**source)})
    check(binary, 409, "event_conflict", "$.headers['ce-id']")
    assert rows_of("acme") == before


def alone_source(where: Place) -> str:
    """What the plain form takes for a source: the name of the key."""
    return where.key.name


def test_it_refuses_a_namespace_that_is_not_yours_with_the_body_of_one_that_is_not_there(
    client: Client, acme: Place, other: Place
) -> None:
    before = rows_of("other")
    body = '{"type":"t","payload":1}'
    answers = [
        client.post(f"/api/v1/streams/{place}/events/", body, JSON, headers=acme.bearer)
        for place in ("other/decisions", "nowhere/decisions", "acme/nothing")
    ]
    for answer in answers:
        check(answer, 404, "not_found")
    bodies = [{key: value for key, value in answer.json().items() if key != "request_id"} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert rows_of("other") == before


def test_it_refuses_a_stopped_stream(client: Client, acme: Place, ledger_db: Clone) -> None:
    with psycopg.connect(ledger_db.owner_url, autocommit=True) as owner:
        owner.execute("UPDATE ledger_streamhead SET stopped = 'integrity' WHERE stream_id = %s", [acme.stream.id])
    before = rows_of("acme")
    check(_events(client, acme, '{"type":"t","payload":1}'), 503, "stream_stopped", "$")
    assert rows_of("acme") == before


def test_an_announced_excess_is_refused_before_a_byte_is_read(acme: Place) -> None:
    body = raw_http.Counted(b"{}")
    answer = raw_http.call(
        f"{acme.path}events/",
        body,
        CONTENT_LENGTH=str(33 * MEBIBYTE),
        HTTP_AUTHORIZATION=acme.bearer["Authorization"],
    )
    assert (answer.status, answer.json()["code"]) == (413, "body_too_large")
    assert body.taken == 0


@pytest.mark.parametrize(
    ("length", "status", "code", "path"),
    [
        ({}, 411, "length_required", "$.headers['content-length']"),
        ({"CONTENT_LENGTH": "24"}, 400, "length_ambiguous", "$.headers['transfer-encoding']"),
    ],
)
@pytest.mark.parametrize("address", ["{}events/", "/api/v1/verify/", "/api/v1/streams/", "/api/v1/bundles/"])
def test_a_body_in_chunks_is_refused_before_a_byte_is_read(
    acme: Place, address: str, length: dict[str, str], status: int, code: str, path: str
) -> None:
    before = rows_of("acme")
    body = raw_http.Counted(b'{"type":"t","payload":1}')
    answer = raw_http.call(
        address.format(acme.path), body,
        HTTP_TRANSFER_ENCODING="chunked", HTTP_AUTHORIZATION=acme.bearer["Authorization"], **length,
    )  # fmt: skip
    told = answer.json()
    assert (answer.status, told["code"], told["path"]) == (status, code, path)
    assert body.taken == 0
    assert rows_of("acme") == before


@pytest.mark.parametrize("length", ["25", "1000"])
def test_a_body_shorter_than_announced_is_not_taken_for_a_whole_one(acme: Place, length: str) -> None:
    before = rows_of("acme")
    answer = raw_http.call(
        f"{acme.path}events/", io.BytesIO(b'{"type":"t","payload":1}'),
        CONTENT_LENGTH=length, HTTP_AUTHORIZATION=acme.bearer["Authorization"],
    )  # fmt: skip
    assert (answer.status, answer.json()["code"], answer.json()["path"]) == (400, "body_truncated", "$")
    assert rows_of("acme") == before


@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "٣"])
def test_a_length_that_is_no_number_is_refused(acme: Place, length: str) -> None:
    answer = raw_http.call(
        f"{acme.path}events/", io.BytesIO(b"{}"),
        CONTENT_LENGTH=length, HTTP_AUTHORIZATION=acme.bearer["Authorization"],
    )  # fmt: skip
    assert (answer.status, answer.json()["code"]) == (400, "request_malformed")
    assert answer.json()["path"] == "$.headers['content-length']"


def test_a_length_that_is_too_short_cuts_the_body_and_the_rest_is_refused(acme: Place) -> None:
    before = rows_of("acme")
    answer = raw_http.call(
        f"{acme.path}events/", io.BytesIO(b'{"type":"t","payload":1}'),
        CONTENT_LENGTH="10", HTTP_AUTHORIZATION=acme.bearer["Authorization"],
    )  # fmt: skip
    assert (answer.status, answer.json()["code"]) == (422, "json_invalid")
    assert rows_of("acme") == before


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "credentials_missing"),
        (bearer("cs_key_0"), "credentials_invalid"),
        (bearer(f"cs_key_{'0' * 32}_{'A' * 43}"), "credentials_invalid"),
        ({"Authorization": "Basic YTpi"}, "credentials_invalid"),
    ],
)
def test_it_refuses_callers_it_does_not_know(client: Client, acme: Place, header: dict[str, str], code: str) -> None:
    before = rows_of("acme")
    answer = client.post(f"{acme.path}events/", '{"type":"t","payload":1}', JSON, headers=header)
    check(answer, 401, code, "$.headers['authorization']")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert rows_of("acme") == before
