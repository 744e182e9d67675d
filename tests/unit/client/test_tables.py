"""What the one file says again of the ledger's formats is what the ledger says."""

from __future__ import annotations

import countersign_client as client
from console.api.event_input import MAX_BYTES, MAX_EVENTS
from console.api.problems import PROBLEMS
from ledger.core import commitment, ingest, receipt, schemas, strict_json
from ledger.core.event import JSON_MEDIA_TYPE
from ledger.core.json_faults import MAX_SAFE_INTEGER


def test_its_kinds_of_control_leaves_are_those_of_the_core() -> None:
    assert client._CONTROL == schemas.CONTROL
    assert {kind for kind, fields in schemas.KINDS.items() if "control_prev" in fields} == client._CONTROL


def test_its_event_leaf_has_the_fields_of_the_core() -> None:
    assert schemas.SCHEMAS["event"].keys() == client._EVENT_FIELDS
    assert client.VERSION == schemas.VERSION


def test_its_payload_types_and_domains_are_those_of_the_core() -> None:
    assert client._RECEIPT == receipt.PAYLOAD_TYPE
    assert client._COMMITMENT == commitment.DOMAIN
    assert client._MEDIA == {"attrs": commitment.ATTRS_MEDIA_TYPE, "payload": JSON_MEDIA_TYPE}


def test_it_takes_no_event_that_the_ledger_finds_too_long_or_too_deep() -> None:
    assert {name: ingest.LIMITS[name] for name in client._LIMITS} == client._LIMITS
    assert set(client._ATTRS) | {"type"} == client._LIMITS.keys()
    assert (client._MAX_DEPTH, client._MAX_INT) == (strict_json.MAX_DEPTH, MAX_SAFE_INTEGER)
    assert client.MAX_BATCH <= MAX_EVENTS
    assert client.MAX_EVENT_BYTES <= MAX_BYTES


def test_the_codes_that_it_knows_are_codes_of_the_api() -> None:
    assert client._OF_A_BATCH | {"idempotency_conflict", "stream_closed", "body_truncated"} <= PROBLEMS.keys()
    assert {PROBLEMS[code].status for code in client._OF_A_BATCH} == {409, 410, 413, 422}
