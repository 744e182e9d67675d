"""A database or a guard that was put back to an earlier moment: noticed, told, and ended by what was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ledger.core.note import make_vkey
from ledger.errors import LedgerError, NotThere
from ledger.models import SigningKey
from ledger.selectors import leaves, receipts
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as stream_named
from ledger.services.committer.wire import Wire
from ledger.services.recovery import recover_all
from ledger.services.seal import due_streams, seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from ledger.storage.guards.errors import (
    HeadGuardAhead,
    HeadGuardBehind,
    HeadGuardConflict,
    HeadGuardCorrupt,
    HeadGuardMissing,
)
from tests.support.clones import Clone
from tests.support.guarded import code_of, guard_directory, held, reconnected, restarted, settled, snapshot
from tests.support.server import Server
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
Restore = Callable[[], None]


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    ensure_platform()
    made = new_stream()
    append(made, *events(range(5)))
    seal_window(made.id, reason="request")
    return made


@pytest.fixture
def restore(stream: StreamView, server: Server, db_clone: Clone) -> Iterator[Restore]:
    """Put the database back to the moment of the first checkpoint."""
    with snapshot(server, db_clone) as back:
        yield back


def ready() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Client().get("/ready").content)["checks"]["head_guard"]
    return found


def documents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in guard_directory().glob("*.json")}


def put_back(saved: dict[str, bytes]) -> None:
    for name, data in saved.items():
        (guard_directory() / name).write_bytes(data)


def refused(stream: StreamView, error: type[LedgerError]) -> None:
    """Append and seal end with this error, more than once, and leave nothing; reads go on."""
    size, stopped = fresh(stream).size, fresh(stream).stopped
    for _ in range(2):
        with pytest.raises(error):
            append(stream, event("refused"))
        with pytest.raises(error):
            seal_window(stream.id, reason="request")
    assert (fresh(stream).size, fresh(stream).stopped) == (size, stopped)
    assert leaves.leaf(stream, 1).kind == "event"


def test_a_database_without_the_newest_receipt_takes_nothing(stream: StreamView, restore: Restore) -> None:
    promised = append(stream, event("later")).appended[0]
    restore()
    refused(stream, HeadGuardAhead)
    with pytest.raises(NotThere):
        leaves.leaf(fresh(stream), promised.index)
    found = ready()
    assert (found["state"], "head_guard_ahead" in found["detail"]) == ("fail", True)


def test_a_database_without_the_newest_checkpoint_signs_no_other(stream: StreamView, restore: Restore) -> None:
    append(stream, event("later"))
    seal_window(stream.id, reason="request")
    restore()
    refused(stream, HeadGuardAhead)
    assert fresh(stream).signed_size == 7


def test_a_process_that_slept_through_the_restore_gives_no_receipt(
    stream: StreamView, restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(stream, *events("ab"))
    restore()
    with monkeypatch.context() as asleep:
        asleep.setattr(Wire, "compare", lambda *_: None)
        with pytest.raises(HeadGuardConflict):
            append(stream, event("on the other branch"))
    with pytest.raises(HeadGuardAhead):
        receipts.receipt(fresh(stream), 7)
    refused(stream, HeadGuardAhead)


def test_the_newer_database_ends_the_stop(
    stream: StreamView, restore: Restore, server: Server, db_clone: Clone
) -> None:
    append(stream, event("later"))
    with snapshot(server, db_clone) as forward:
        restore()
        assert code_of(stream) == "head_guard_ahead"
        forward()
        assert code_of(stream) == ""
    append(stream, event("more"))
    seal_window(stream.id, reason="request")
    assert settled(stream).sizes == [7, 10]


def test_a_stream_that_was_not_written_since_goes_on(stream: StreamView, restore: Restore) -> None:
    other = new_stream("others")
    append(other, event("a"))
    restore()
    append(stream, event("b"))
    assert code_of(stream) == ""
    with pytest.raises(HeadGuardAhead, match="remembers a stream"):
        new_stream("others")


def test_every_stream_is_compared_at_start(stream: StreamView, restore: Restore) -> None:
    assert recover_all() == 4
    append(stream, event("later"))
    restore()
    assert recover_all() == 3


def test_a_guard_that_is_gone_is_missing(stream: StreamView) -> None:
    for document in guard_directory().glob("*.json"):
        document.unlink()
    reconnected()
    refused(stream, HeadGuardMissing)
    assert "head_guard_missing" in ready()["detail"]


def test_a_guard_that_is_no_document_is_corrupt(stream: StreamView) -> None:
    put_back(dict.fromkeys(documents(), b"{}"))
    reconnected()
    refused(stream, HeadGuardCorrupt)
    assert "head_guard_corrupt" in ready()["detail"]


def test_a_guard_of_another_history_is_a_conflict(stream: StreamView) -> None:
    saved = documents()
    root = held(stream).head
    assert root is not None
    put_back({name: data.replace(root.root.hex().encode(), b"00" * 32) for name, data in saved.items()})
    reconnected()
    refused(stream, HeadGuardConflict)
    put_back(saved)
    append(stream, event("goes on"))


def test_a_guard_that_lost_writes_is_given_them_and_the_loss_is_told(stream: StreamView) -> None:
    saved = documents()
    append(stream, event("later"))
    seal_window(stream.id, reason="request")
    put_back(saved)
    restarted(stream)
    settled(stream)
    flush_spool()
    system = stream_named("_system", "events")
    told = leaves.event(system, system.size - 1)
    assert told.type == "ledger:head_guard:behind"
    assert json.loads(told.payload or b"") == {"guard_size": 7, "size": 9, "stream": stream.origin}


def test_a_guard_that_lost_writes_waits_where_witnesses_have_to_be_asked(ledger_db: object) -> None:
    ensure_platform()
    stream = new_stream(policy=policy_with_a_witness())
    saved = documents()
    append(stream, event("a"))
    seal_window(stream.id, reason="request")
    put_back(saved)
    reconnected()
    refused(stream, HeadGuardBehind)


def policy_with_a_witness() -> str:
    one = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1
    two = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")  # RFC 8032, 7.1, test 2
    log, witness = make_vkey("log.example", one), make_vkey("witness.example", two, 4)
    return f"log {log}\nwitness one {witness}\nquorum one\n"


def test_a_head_row_that_is_not_that_of_the_leaves_is_found(stream: StreamView, owner_connection: Any) -> None:
    owner_connection.execute("UPDATE ledger_streamhead SET size = size + 1 WHERE stream_id = %s", [stream.id])
    reconnected()
    assert code_of(stream) == "integrity"


def test_a_prepared_row_that_is_not_of_the_leaves_is_found(stream: StreamView, owner_connection: Any) -> None:
    text = f"{stream.origin}\n8\n{'A' * 43}=\n"
    append(stream, event("b"))
    values = [stream.id, 8, bytes(32), text, 2]
    owner_connection.execute("INSERT INTO ledger_prepared (stream_id, size, root, text, number)"
                             " VALUES (%s, %s, %s, %s, %s)", values)  # fmt: skip
    reconnected()
    assert code_of(stream) == "integrity"
    assert [due.stream_id for due in due_streams()] == [stream.id]


def test_a_note_under_no_key_of_the_log_is_not_believed(stream: StreamView, admin_connection: Any) -> None:
    admin_connection.execute("ALTER TABLE ledger_signingkey DISABLE TRIGGER ALL")
    statement = "UPDATE ledger_signingkey SET public = %s WHERE use = 'checkpoint' AND stream_id = %s"
    admin_connection.execute(statement, [bytes(31) + b"\1", stream.id])
    reconnected()
    assert SigningKey.objects.filter(use="checkpoint").exists()
    assert code_of(stream) == "integrity"


def test_an_idle_database_is_ready_and_the_shared_volume_is_said(stream: StreamView) -> None:
    found = ready()
    assert found["state"] in {"pass", "warn"}
    assert "4 streams" in found["detail"]
