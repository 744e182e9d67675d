"""Altered evidence is never signed: the seal finds it, stops the stream and says so."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ledger.errors import IntegrityLost, KeyUnusable, StreamStopped
from ledger.models import StreamHead
from ledger.selectors import leaves
from ledger.selectors.streams import StreamView
from ledger.services.publish import published_paths
from ledger.services.recovery import ensure_compared
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from ledger.storage import store, tile_key
from tests.support.log_audit import audit
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(9)))
    ensure_compared(made)  # what is altered below is altered behind the back of a process that runs
    return made


def alter(admin: psycopg.Connection[Any], statement: str) -> None:
    """As somebody who may switch the triggers off."""
    admin.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER append_only_rows")
    admin.execute(statement)
    admin.execute("ALTER TABLE ledger_leaf ENABLE ALWAYS TRIGGER append_only_rows")


ALTERED = "convert_to(replace(convert_from(bytes, 'UTF8'), 't.test', 't.fake'), 'UTF8')"


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE ledger_leaf SET bytes = {ALTERED} WHERE index = 5",  # noqa: S608 - constants of this file
        f"UPDATE ledger_leaf SET bytes = {ALTERED} WHERE index = 9",  # noqa: S608 - constants of this file
        f"UPDATE ledger_leaf SET bytes = {ALTERED}, hash = sha256('\\x00' || {ALTERED}) WHERE index = 5",  # noqa: S608 - constants of this file
        "UPDATE ledger_leaf SET bytes = 'no leaf' WHERE index = 5",
        "DELETE FROM ledger_leaf WHERE index = 5",
        "DELETE FROM ledger_leaf WHERE index = 9",
    ],
)
def test_an_altered_leaf_is_not_signed(
    stream: StreamView, admin_connection: psycopg.Connection[Any], change: str
) -> None:
    alter(admin_connection, change)
    with pytest.raises(IntegrityLost):
        seal_window(stream.id, reason="request")
    assert fresh(stream).stopped == "integrity"
    assert fresh(stream).signed_size == 0
    with pytest.raises(StreamStopped):
        append(stream, event("more"))


def test_an_altered_tile_is_not_built_upon(stream: StreamView) -> None:
    seal_window(stream.id, reason="request")
    append(stream, event("more"))
    key = tile_key(stream.origin, "tile/0/000.p/11")
    data = store().get(key)
    store().delete(key)
    store().put(key, bytes(32) + data[32:])
    with pytest.raises(IntegrityLost):
        seal_window(stream.id, reason="request")
    assert fresh(stream).stopped == "integrity"
    assert audit(stream).sizes == [11]


def test_an_altered_checkpoint_is_not_built_upon(stream: StreamView, admin_connection: psycopg.Connection[Any]) -> None:
    seal_window(stream.id, reason="request")
    append(stream, event("more"))
    admin_connection.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER append_only_rows")
    admin_connection.execute("UPDATE ledger_checkpoint SET note = overlay(note placing 'x' from 1 for 1)")
    with pytest.raises(IntegrityLost, match="does not verify"):
        seal_window(stream.id, reason="request")
    assert fresh(stream).stopped == "integrity"


def test_a_tile_that_stands_there_already_must_be_equal(stream: StreamView) -> None:
    store().put(tile_key(stream.origin, "tile/0/000.p/11"), bytes(11 * 32))
    with pytest.raises(IntegrityLost, match="Other bytes"):
        seal_window(stream.id, reason="request")
    assert fresh(stream).stopped == "integrity"
    assert list(published_paths(stream)) == ["tile/0/000.p/11"]


def test_the_stop_enters_the_system_events(stream: StreamView, admin_connection: psycopg.Connection[Any]) -> None:
    alter(admin_connection, "DELETE FROM ledger_leaf WHERE index = 5")
    with pytest.raises(IntegrityLost):
        seal_window(stream.id, reason="request")
    ensure_platform()
    assert flush_spool() == 1
    told = leaves.event(ensure_platform()[2], 1)
    assert told.type == "ledger:stream:stopped"
    assert told.attrs is not None
    assert str(told.attrs["time"]) < told.leaf.recorded


def test_a_lost_seal_key_stops_nothing_and_signs_nothing(stream: StreamView, settings: Any) -> None:
    held = settings.COUNTERSIGN_SEAL_KEY
    other = new_stream("others")
    settings.COUNTERSIGN_SEAL_KEY = bytes(32)
    with pytest.raises(KeyUnusable):
        seal_window(other.id, reason="request")
    assert StreamHead.objects.get(pk=other.id).stopped is None
    settings.COUNTERSIGN_SEAL_KEY = held
    assert seal_window(other.id, reason="request") is not None
    assert audit(other).sizes == [2]
