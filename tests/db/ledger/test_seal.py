"""Sealing: windows, manifests, checkpoints, tiles and stored receipts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from ledger.core.tiles import EntryBundle, decode_entries
from ledger.errors import StreamStopped
from ledger.models import Prepared, StreamHead
from ledger.selectors import checkpoints
from ledger.selectors.streams import StreamView
from ledger.services.publish import published_paths
from ledger.services.seal import due_streams, seal_due, seal_window
from ledger.storage import store, tile_key
from tests.support.log_audit import audit
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


def age(stream: StreamView, how_much: str = "1 hour") -> None:
    """Make what waits, and the last checkpoint, older; as the owner could not: heads are mutable rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_streamhead SET waiting_since = waiting_since - %s::interval WHERE stream_id = %s",
            [how_much, stream.id],
        )


def test_a_sealed_stream_verifies_from_its_bytes(stream: StreamView) -> None:
    append(stream, *events(range(300)))
    first = seal_window(stream.id, reason="request")
    append(stream, *events(range(300, 900)))
    second = seal_window(stream.id, reason="request")
    assert first is not None
    assert second is not None
    assert (first.number, first.start, first.end, first.manifest_index) == (1, 0, 300, 301)
    assert (second.number, second.start, second.end, second.reason) == (2, 301, 901, "request")
    found = audit(stream)
    assert (found.sizes, found.receipts) == ([302, 903], 900)
    assert fresh(stream).signed_size == 903


def test_entries_hold_the_leaves(stream: StreamView) -> None:
    append(stream, *events(range(300)))
    seal_window(stream.id, reason="request")
    append(stream, event("last"))
    seal_window(stream.id, reason="request")
    leaves = [leaf.raw for leaf in audit(stream).leaves]
    for bundle in (EntryBundle(0), EntryBundle(1, 302 - 256), EntryBundle(1, 304 - 256)):
        data = store().get(tile_key(stream.origin, bundle.path))
        assert decode_entries(data, bundle.width) == leaves[bundle.start : bundle.start + bundle.width]
    assert {"tile/0/000", "tile/1/000.p/1", "tile/0/001.p/46"} <= set(published_paths(stream))


def test_an_empty_window_is_not_closed(stream: StreamView) -> None:
    assert seal_window(stream.id, reason="request") is not None
    assert seal_window(stream.id, reason="request") is None
    assert len(audit(stream).leaves) == 2


def test_a_window_of_manifests_is_never_due(stream: StreamView) -> None:
    seal_window(stream.id, reason="request")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_streamhead SET window_opened = window_opened - interval '1 day'")
    assert due_streams() == []
    assert fresh(stream).waiting_since is None


def test_a_window_is_due_by_age(stream: StreamView) -> None:
    assert due_streams() == []
    age(stream, "59 seconds")
    assert due_streams() == []
    age(stream, "1 second")
    assert [(due.stream_id, due.reason) for due in due_streams()] == [(stream.id, "age")]


def test_a_window_is_due_by_count() -> None:
    stream = new_stream(window_count=5)
    append(stream, *events(range(3)))
    assert due_streams() == []
    append(stream, event("fifth, with genesis"))
    assert [(due.stream_id, due.reason) for due in due_streams()] == [(stream.id, "count")]


def test_a_stopped_stream_is_not_due(stream: StreamView) -> None:
    age(stream)
    StreamHead.objects.filter(pk=stream.id).update(stopped="integrity")
    assert due_streams() == []
    with pytest.raises(StreamStopped):
        seal_window(stream.id, reason="age")


def test_all_that_is_due_is_sealed(stream: StreamView) -> None:
    other = new_stream("others")
    age(stream)
    age(other)
    assert (seal_due(), seal_due()) == (2, 0)
    assert audit(stream).sizes == audit(other).sizes == [2]


def test_one_failing_stream_does_not_keep_the_others(stream: StreamView, admin_connection: Any) -> None:
    other = new_stream("others")
    age(stream, "2 hours")
    age(other)
    admin_connection.execute("ALTER TABLE ledger_signingkey DISABLE TRIGGER final_rows")
    admin_connection.execute("UPDATE ledger_signingkey SET sealed = NULL WHERE stream_id = %s", [stream.id])
    assert seal_due() == 1
    assert audit(other).sizes == [2]
    assert Prepared.objects.get().stream_id == stream.id


def test_checkpoints_keep_the_pace_of_one_a_second(stream: StreamView) -> None:
    append(stream, event("a"))
    seal_window(stream.id, reason="request")
    append(stream, event("b"))
    assert seal_window(stream.id, reason="age") is None
    assert seal_window(stream.id, reason="request") is not None  # waits
    newer, older = checkpoints.checkpoints_of(fresh(stream))
    assert (newer.signed_at - older.signed_at).total_seconds() >= 1


def test_windows_and_checkpoints_are_found(stream: StreamView) -> None:
    append(stream, *events("ab"))
    seal_window(stream.id, reason="request")
    append(stream, event("c"))
    now = fresh(stream)
    assert checkpoints.window(now, 1).count == 3
    assert checkpoints.window_of(now, 2) == checkpoints.window(now, 1)
    assert checkpoints.window_of(now, 4) is None
    newest = checkpoints.newest(now)
    assert newest == checkpoints.at(now, 4)
    assert checkpoints.over(now, 0) == (newest, newest)
    assert checkpoints.over(now, 4) is None
    assert newest is not None
    assert (newest.window, newest.size) == (1, checkpoints.window(now, 1).size)
