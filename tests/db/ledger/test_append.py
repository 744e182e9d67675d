"""Append: places, leaves, receipts, salts and objects."""

from __future__ import annotations

from hashlib import sha256

import pytest
from django.db import connection, transaction

from ledger.core.commitment import ATTRS_MEDIA_TYPE, open_commitment
from ledger.core.envelope import parse
from ledger.core.event import attrs_bytes
from ledger.core.times import parse_time
from ledger.errors import BatchEmpty, BatchTooLarge, StreamStopped, StreamUnknown
from ledger.models import LeafObject, StreamHead
from ledger.selectors import leaves, receipts, streams
from ledger.services.append import append_events, append_within
from ledger.storage import store
from tests.support.log_audit import audit, check_receipt
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


def test_events_follow_genesis_without_a_gap() -> None:
    stream = new_stream()
    first, second = append(stream, *events("abc")), append(stream, event("d"))
    assert [one.index for one in (*first.appended, *second.appended)] == [1, 2, 3, 4]
    assert not first.replayed
    assert [leaf.kind for leaf in audit(stream).leaves] == ["genesis", "event", "event", "event", "event"]


def test_the_answer_carries_all_that_a_client_needs_to_check_it() -> None:
    stream, said = (
        new_stream(),
        event("a", b'{"outcome":"refer"}', subject="case-88", time="2026-11-21T09:16:58Z"),
    )
    (answer,) = append(stream, said).appended
    leaf = parse(answer.leaf)
    assert leaf.leaf_hash == answer.leaf_hash
    opens = {"attrs": (ATTRS_MEDIA_TYPE, attrs_bytes(said)), "payload": ("application/json", said.payload)}
    for role, (media_type, data) in opens.items():
        open_commitment(bytes.fromhex(str(leaf.fields[role])), answer.salts[role], media_type, data)
    check_receipt(answer.receipt, audit(stream).leaves)


def test_a_receipt_is_derived_again_byte_for_byte() -> None:
    stream = new_stream()
    (answer,) = append(stream, event("a")).appended
    assert receipts.receipt(fresh(stream), answer.index) == answer.receipt


def test_what_was_said_is_read_back() -> None:
    stream = new_stream()
    said = event("a", b"\x00\xff", media_type="application/octet-stream", subject="s", extensions={"tenant": "x"})
    (answer,) = append(stream, said).appended
    found = leaves.event(stream, answer.index)
    assert (found.payload, found.media_type, found.type, found.erased) == (
        said.payload, said.media_type, said.type, False,
    )  # fmt: skip
    assert found.attrs == {"id": "a", "source": "urn:tests", "subject": "s", "tenant": "x"}
    assert found.salts == answer.salts


def test_a_large_payload_lies_in_the_blob_store() -> None:
    stream, data = new_stream(), b"x" * (32 * 1024 + 1)
    (answer,) = append(stream, event("a", data, media_type="text/plain")).appended
    row = LeafObject.objects.get(stream_id=stream.id, index=answer.index, role="payload")
    assert row.data is None
    assert store().get(str(row.blob)) == data == leaves.event(stream, answer.index).payload


def test_a_payload_of_32_kib_is_a_row() -> None:
    stream = new_stream()
    (answer,) = append(stream, event("a", b"x" * 32 * 1024, media_type="text/plain")).appended
    assert LeafObject.objects.get(stream_id=stream.id, index=answer.index, role="payload").blob is None


def test_salts_differ_between_events_and_roles() -> None:
    answers = append(new_stream(), *events("abc")).appended
    salts = [salt for one in answers for salt in one.salts.values()]
    assert len(set(salts)) == 6


def test_salts_come_from_the_entropy_that_is_handed_in() -> None:
    drawn: list[int] = []

    def entropy(size: int) -> bytes:
        drawn.append(size)
        return b"".join(sha256(bytes([number])).digest() for number in range(size // 32))

    (answer,) = append(new_stream(), event("a"), entropy=entropy).appended
    assert drawn == [96]
    assert answer.salts == {"attrs": sha256(b"\0").digest(), "payload": sha256(b"\1").digest()}


def test_recorded_is_the_databases_clock() -> None:
    stream = new_stream()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
        (answer,) = append(stream, event("a")).appended
        cursor.execute("SELECT clock_timestamp()")
        after = cursor.fetchone()[0]
    assert before <= parse_time(parse(answer.leaf).recorded) <= after


def test_recorded_never_decreases_when_the_clock_falls_back() -> None:
    stream = new_stream()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_streamhead SET last_recorded = last_recorded + interval '2 minutes'")
    ahead = StreamHead.objects.get(pk=stream.id).last_recorded
    (answer,) = append(stream, event("a")).appended
    assert parse_time(parse(answer.leaf).recorded) == ahead


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(BatchEmpty):
        append(new_stream())


def test_more_than_ten_thousand_events_are_refused() -> None:
    with pytest.raises(BatchTooLarge):
        append(new_stream(), *events(range(10_001)))


def test_a_stopped_stream_takes_nothing() -> None:
    stream = new_stream()
    StreamHead.objects.filter(pk=stream.id).update(stopped="integrity")
    with pytest.raises(StreamStopped) as refused:
        append(stream, event("a"))
    assert refused.value.code == "stream_stopped"
    assert fresh(stream).size == 1


def test_it_is_refused_inside_another_transaction() -> None:
    stream = new_stream()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        append(stream, event("a"))


def test_a_decision_and_its_event_stand_together() -> None:
    stream = new_stream()
    with transaction.atomic(), connection.cursor() as cursor:
        (placed,) = append_within(cursor, "acme", "decisions", [event("a")], actor=ACTOR)
    assert placed.index == 1
    check_receipt(receipts.receipt(fresh(stream), 1), audit(stream).leaves)


def test_a_decision_and_its_event_fall_together() -> None:
    stream = new_stream()
    with transaction.atomic(), connection.cursor() as cursor:
        append_within(cursor, "acme", "decisions", [event("a")], actor=ACTOR)
        transaction.set_rollback(True)
    assert len(audit(stream).leaves) == fresh(stream).size == 1


def test_a_repeated_decision_does_not_break_the_callers_transaction() -> None:
    stream = new_stream()
    append(stream, event("a"))
    with transaction.atomic(), connection.cursor() as cursor:
        answers = append_within(cursor, "acme", "decisions", [event("a"), event("b")], actor=ACTOR)
    assert [(one.index, one.replayed) for one in answers] == [(1, True), (2, False)]


def test_an_unknown_stream_is_refused() -> None:
    with pytest.raises(StreamUnknown):
        streams.stream("acme", "nothing")
    stream = new_stream()
    gone = StreamHead.objects.filter(pk=stream.id)
    gone.delete()
    with pytest.raises(StreamUnknown):
        append_events(stream, [event("a")], actor=ACTOR)


def test_lists_read_the_search_columns() -> None:
    stream = new_stream()
    append(stream, event("a", subject="s"), event("b", type="t.other"), event("c", subject="s"))
    assert [row.event_id for row in leaves.events_in(stream)] == ["a", "b", "c"]
    assert [row.event_id for row in leaves.events_in(stream, newest_first=True, limit=2)] == ["c", "b"]
    assert [row.event_id for row in leaves.events_in(stream, after=1)] == ["b", "c"]
    assert [row.event_id for row in leaves.events_in(stream, filters=leaves.EventFilter(subject="s"))] == [
        "a",
        "c",
    ]
    assert [row.event_id for row in leaves.events_in(stream, filters=leaves.EventFilter(type="t.other"))] == ["b"]
