"""Receipts say what the leaf says; windows count right; commitments open only with their own bytes."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import pytest

from ledger.core.canonical import canonical
from ledger.core.commitment import commit, open_commitment
from ledger.core.envelope import Envelope
from ledger.core.event import RawEvent, Salts, attrs_bytes, event_fields, fingerprint_of, lookup_of
from ledger.core.receipt import differences, parse_receipt, promise, promise_body
from ledger.core.schemas import MAX_MERGE_DELAY_S
from ledger.core.strict_json import parse
from ledger.core.types import Hash
from ledger.core.window import window_of, window_root
from ledger.errors import CommitmentMismatch, EventInvalid, LeafSchema
from tests.unit.core.leaves import FIELDS, genesis, leaf

LOG = genesis().leaf_hash
EVENT = RawEvent(
    type="t", id="1", source="s", payload=b"{}", extensions={"traceparent": "00"}, time="2026-11-21T09:16:58Z"
)
SALTS = Salts(attrs=b"\x01" * 32, payload=b"\x02" * 32)


def test_a_receipt_promises_the_merge_delay() -> None:
    receipt = promise(LOG, leaf("event"), "k" * 32, 120)
    assert receipt.promised_by == "2026-11-21T09:18:58.000001Z"
    assert parse_receipt(receipt.body()) == receipt
    assert differences(receipt, leaf("event")) == []


@pytest.mark.parametrize("made", [leaf("event"), replace(leaf("event"), origin='log "é"\\'), genesis()])
def test_the_short_way_to_a_receipts_bytes_gives_the_same(made: Envelope) -> None:
    for kid in ("k" * 32, 'a "kid"'):
        for issued in (None, 7):
            assert promise_body(LOG, made, kid, 120, issued) == promise(LOG, made, kid, 120, issued).body()


def test_a_merge_delay_is_at_most_a_year() -> None:
    assert genesis(max_merge_delay=MAX_MERGE_DELAY_S).fields["max_merge_delay"] == 366 * 86_400
    for delay in (MAX_MERGE_DELAY_S + 1, 2**53 - 1):
        with pytest.raises(LeafSchema, match="merge delay"):
            genesis(max_merge_delay=delay)


def test_a_promise_behind_the_end_of_the_calendar_is_refused() -> None:
    last = replace(leaf("event"), recorded="9999-12-31T23:59:59.000000Z")
    with pytest.raises(LeafSchema, match="beyond the year 9999"):
        promise(LOG, last, "k" * 32, 1)


def test_a_receipt_issued_later_says_so() -> None:
    receipt = promise(LOG, leaf("event"), "k" * 32, 120, issued=9)
    assert parse_receipt(receipt.body()).issued == 9
    assert b'"issued":9' in receipt.body()


def test_a_receipt_of_another_leaf_tells_where_it_differs() -> None:
    receipt = promise(LOG, leaf("event"), "k" * 32, 120)
    assert differences(receipt, leaf("event", 5)) == ["index", "leaf_hash"]
    assert differences(replace(receipt, prev=Hash(bytes(32))), leaf("event")) == ["prev"]


@pytest.mark.parametrize(
    "field", ["v", "log", "origin", "index", "leaf_hash", "prev", "recorded", "promised_by", "kid"]
)
def test_a_receipt_needs_each_of_its_fields(field: str) -> None:
    value = parse(promise(LOG, leaf("event"), "k" * 32, 120).body())
    assert isinstance(value, dict)
    for changed in ({k: v for k, v in value.items() if k != field}, {**value, field: []}):
        with pytest.raises(LeafSchema):
            parse_receipt(canonical(changed))
    with pytest.raises(LeafSchema):
        parse_receipt(canonical({**value, "more": 1}))


def test_a_receipt_must_be_an_object() -> None:
    with pytest.raises(LeafSchema):
        parse_receipt(b"[]")


def test_a_window_reads_back_its_own_fields() -> None:
    told = window_of(leaf("window"))
    assert (told.number, told.start, told.end, told.count) == (0, 0, 3, 4)
    assert told.fields() == FIELDS["window"]


@pytest.mark.parametrize("change", [{"count": 5}, {"from": 4, "to": 3, "count": 0}, {"to": 4, "count": 5}])
def test_a_window_whose_numbers_contradict_is_refused(change: dict) -> None:  # type: ignore[type-arg] # JSON literals
    with pytest.raises(LeafSchema):
        window_of(leaf("window", **change))


def test_only_a_manifest_is_a_window() -> None:
    with pytest.raises(LeafSchema):
        window_of(replace(leaf("window"), kind="head"))


def test_a_window_root_is_the_rfc6962_root() -> None:
    a, b = Hash(b"\0" * 32), Hash(b"\1" * 32)
    assert window_root([a, b]) == hashlib.sha256(b"\x01" + a + b).digest()


def test_a_commitment_is_exactly_this_hash() -> None:
    body = b"countersign/payload/1\0" + SALTS.payload + struct.pack(">Q", 2) + b"\x10" + b"application/json" + b"{}"
    assert commit(SALTS.payload, "application/json", b"{}") == hashlib.sha256(body).digest()


@pytest.mark.parametrize(
    ("salt", "media", "data"),
    [
        (b"\x03" * 32, "application/json", b"{}"),
        (b"\x02" * 32, "text/plain", b"{}"),
        (b"\x02" * 32, "application/json", b"[]"),
    ],
)
def test_a_commitment_opens_only_with_its_own_bytes(salt: bytes, media: str, data: bytes) -> None:
    commitment = commit(SALTS.payload, "application/json", b"{}")
    open_commitment(commitment, SALTS.payload, "application/json", b"{}")
    with pytest.raises(CommitmentMismatch):
        open_commitment(commitment, salt, media, data)


def test_impossible_salts_and_media_types_are_refused() -> None:
    for salt, media in ((b"short", "a/b"), (b"\0" * 32, "a" * 256), (b"\0" * 32, "té/x")):
        with pytest.raises(EventInvalid):
            commit(salt, media, b"")


def test_attributes_that_were_not_given_are_absent() -> None:
    assert attrs_bytes(EVENT) == b'{"id":"1","source":"s","time":"2026-11-21T09:16:58Z","traceparent":"00"}'


def test_event_fields_commit_to_attributes_and_payload() -> None:
    fields = event_fields(EVENT, attrs_bytes(EVENT), SALTS)
    assert fields["type"] == "t"
    assert fields["attrs"] == commit(SALTS.attrs, "application/vnd.countersign.attrs.v1+json", attrs_bytes(EVENT)).hex()
    assert fields["payload"] == commit(SALTS.payload, "application/json", b"{}").hex()


def test_the_lookup_key_separates_source_and_id() -> None:
    key = b"k" * 32
    assert lookup_of(key, "ab", "c") != lookup_of(key, "a", "bc")
    assert lookup_of(key, "a", "b") != lookup_of(b"j" * 32, "a", "b")


def test_the_fingerprint_sees_every_part_of_the_content() -> None:
    variants = [
        EVENT,
        replace(EVENT, type="u"),
        replace(EVENT, payload=b"[]"),
        replace(EVENT, media_type="text/plain"),
        replace(EVENT, subject="x"),
        replace(EVENT, media_type="application/json{", payload=b"}"),
    ]
    assert len({fingerprint_of(b"k", event, attrs_bytes(event)) for event in variants}) == len(variants)


def test_a_delay_that_leads_beyond_all_time_is_refused() -> None:
    with pytest.raises(LeafSchema):
        promise(Hash(b"\0" * 32), leaf("event"), "k", 2**53 - 1)
