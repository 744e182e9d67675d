"""`verify_store` finds every alteration with the code that the offline verifier would use."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from ledger.models import StreamHead
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from ledger.services.verify_store import verify_store
from ledger.storage import store, tile_key
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db

Admin = psycopg.Connection[Any]
FAKED = "convert_to(replace(convert_from(bytes, 'UTF8'), 't.test', 't.fake'), 'UTF8')"
LAST = 306


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Genesis, 300 events, manifest 301, 2 events, manifest 304, 2 events unsigned."""
    made = new_stream()
    append(made, *events(range(300)))
    seal_window(made.id, reason="request")
    append(made, *events(("a", "b")))
    seal_window(made.id, reason="request")
    append(made, *events(("c", "d")))
    return fresh(made)


def codes(stream: StreamView, mode: str = "full") -> tuple[str, set[str]]:
    report = verify_store(fresh(stream), mode, lambda _done: None)  # type: ignore[arg-type]  # one of two words
    assert all(problem.next for problem in report.problems)
    return report.outcome, {problem.code for problem in report.problems}


def alter(admin: Admin, table: str, statement: str) -> None:
    """As somebody who may switch the triggers off."""
    trigger = "clearing_only_rows" if table == "ledger_object" else "append_only_rows"
    admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    admin.execute(statement)
    admin.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def test_a_sound_store_is_verified_to_the_last_piece(stream: StreamView) -> None:
    seen: list[int] = []
    report = verify_store(stream, "full", seen.append)
    assert (report.outcome, report.problems) == ("verified", ())
    assert report.counts == {
        "leaves": 307, "windows": 2, "checkpoints": 2, "receipts": 302, "objects": 608, "tiles": 5,
    }  # fmt: skip
    assert seen == [307]
    quick = verify_store(stream, "quick", seen.append)
    assert (quick.outcome, quick.counts) == ("verified", {"leaves": 3, "checkpoints": 1})


ALTERATIONS: list[tuple[str, str, str]] = [
    ("ledger_leaf", f"UPDATE ledger_leaf SET bytes = {FAKED} WHERE index = 100", "chain_broken"),  # noqa: S608 - constants of this file
    ("ledger_leaf", f"UPDATE ledger_leaf SET bytes = {FAKED} WHERE index = {LAST}", "chain_broken"),  # noqa: S608 - constants of this file
    ("ledger_leaf", "UPDATE ledger_leaf SET bytes = '{}' WHERE index = 100", "leaf_schema"),
    ("ledger_leaf", "UPDATE ledger_leaf SET bytes = 'no' WHERE index = 100", "json_invalid"),
    ("ledger_leaf", "UPDATE ledger_leaf SET hash = sha256('x') WHERE index = 100", "range_root_mismatch"),
    ("ledger_leaf", "DELETE FROM ledger_leaf WHERE index = 100", "leaf_missing"),
    ("ledger_leaf", f"DELETE FROM ledger_leaf WHERE index = {LAST}", "leaf_missing"),  # noqa: S608 - constants of this file
    (
        "ledger_leaf",
        "UPDATE ledger_leaf AS a SET bytes = b.bytes FROM ledger_leaf AS b WHERE a.index = 9 AND b.index = 8",
        "leaf_index_mismatch",
    ),
    (
        "ledger_leaf",
        """INSERT INTO ledger_leaf SELECT stream_id, 999, kind, bytes, hash, recorded, kid, batch, sha256('x')
        FROM ledger_leaf WHERE index = 5""",
        "leaf_unexpected",
    ),
    ("ledger_window", "UPDATE ledger_window SET root = sha256('x') WHERE number = 1", "window_mismatch"),
    ("ledger_window", "DELETE FROM ledger_window WHERE number = 1", "window_mismatch"),
    (
        "ledger_checkpoint",
        "UPDATE ledger_checkpoint AS a SET note = b.note FROM ledger_checkpoint AS b WHERE a.size > b.size",
        "range_root_mismatch",
    ),
    (
        "ledger_checkpoint",
        "UPDATE ledger_checkpoint SET note = overlay(note placing 'x' from 1 for 1)",
        "log_signature_wrong",
    ),
    ("ledger_checkpoint", "DELETE FROM ledger_checkpoint WHERE size = 305", "file_missing"),
    ("ledger_receipt", "DELETE FROM ledger_receipt WHERE index = 7", "receipt_missing"),
    (
        "ledger_receipt",
        """UPDATE ledger_receipt AS a SET signature = b.signature FROM ledger_receipt AS b
        WHERE a.index = 7 AND b.index = 8""",
        "receipt_signature_wrong",
    ),
]


@pytest.mark.parametrize(("table", "statement", "code"), ALTERATIONS)
def test_an_alteration_has_its_code(
    stream: StreamView, admin_connection: Admin, table: str, statement: str, code: str
) -> None:
    alter(admin_connection, table, statement)
    outcome, found = codes(stream)
    assert code in found
    assert outcome == ("incomplete" if found <= {"receipt_missing", "file_missing"} else "rejected")


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/49", "tile/1/000.p/1", "tile/entries/001.p/49"])
def test_an_altered_or_lost_tile_is_found(stream: StreamView, path: str) -> None:
    key = tile_key(stream.origin, path)
    data = store().get(key)
    store().delete(key)
    assert codes(stream) == ("incomplete", {"file_missing"})
    store().put(key, bytes(reversed(data)))
    assert codes(stream) == ("rejected", {"range_root_mismatch"})


OBJECTS = [
    ("UPDATE ledger_object SET data = '2' WHERE index = 5 AND role = 'payload'", "payload_digest_mismatch"),
    (
        "UPDATE ledger_object SET salt = decode(repeat('00', 32), 'hex') WHERE index = 5 AND role = 'attrs'",
        "attrs_digest_mismatch",
    ),
    ("DELETE FROM ledger_object WHERE index = 5 AND role = 'attrs'", "payload_missing"),
]


@pytest.mark.parametrize(("statement", "code"), OBJECTS)
def test_an_altered_or_lost_object_is_found(
    stream: StreamView, admin_connection: Admin, statement: str, code: str
) -> None:
    alter(admin_connection, "ledger_object", statement)
    assert codes(stream)[1] == {code}
    assert codes(stream, "quick") == ("verified", set())


def test_a_lost_blob_is_found(stream: StreamView) -> None:
    append(stream, event("large", b"x" * 40_000))
    for key in list(store().keys("blobs")):
        store().delete(key)
    assert codes(stream) == ("incomplete", {"payload_missing"})


@pytest.mark.parametrize(
    ("table", "statement", "code"),
    [
        ("ledger_leaf", f"UPDATE ledger_leaf SET bytes = {FAKED} WHERE index = 305", "chain_broken"),  # noqa: S608 - constants of this file
        ("ledger_leaf", f"DELETE FROM ledger_leaf WHERE index = {LAST}", "leaf_missing"),  # noqa: S608 - constants of this file
        (
            "ledger_checkpoint",
            "UPDATE ledger_checkpoint SET note = overlay(note placing 'x' from 1 for 1)",
            "log_signature_wrong",
        ),
    ],
)
def test_quick_sees_what_came_since_the_last_checkpoint(
    stream: StreamView, admin_connection: Admin, table: str, statement: str, code: str
) -> None:
    alter(admin_connection, table, statement)
    outcome, found = codes(stream, "quick")
    assert (outcome, code in found) == ("rejected", True)


def test_quick_sees_an_altered_edge(stream: StreamView) -> None:
    key = tile_key(stream.origin, "tile/0/001.p/49")
    data = store().get(key)
    store().delete(key)
    assert codes(stream, "quick") == ("incomplete", {"file_missing"})
    store().put(key, bytes(32) + data[32:])
    assert codes(stream, "quick") == ("rejected", {"range_root_mismatch"})


def test_a_head_that_was_moved_back_is_found(stream: StreamView) -> None:
    StreamHead.objects.filter(pk=stream.id).update(size=306)
    assert "leaf_unexpected" in codes(stream, "quick")[1]


def test_the_command_reports_and_exits_by_the_outcome(
    stream: StreamView, admin_connection: Admin, tmp_path: Path
) -> None:
    out, report = StringIO(), tmp_path / "report.json"
    call_command("ledger_verify", "acme/decisions", "--mode", "full", "--report", str(report), stdout=out)
    assert out.getvalue().startswith(f"verified: {stream.origin} (307 leaves")
    assert json.loads(report.read_text())["outcome"] == "verified"
    store().delete(tile_key(stream.origin, "tile/0/000"))
    with pytest.raises(CommandError) as incomplete:
        call_command("ledger_verify", "acme/decisions", "--mode", "full", stdout=StringIO())
    assert incomplete.value.returncode == 2
    alter(admin_connection, "ledger_object", OBJECTS[0][0])
    told = StringIO()
    with pytest.raises(CommandError) as rejected:
        call_command("ledger_verify", "--mode", "full", "--json", stdout=told)
    assert rejected.value.returncode == 1
    found = json.loads(told.getvalue())
    assert {row["code"] for row in found["streams"][0]["problems"]} == {
        "payload_digest_mismatch",
        "file_missing",
    }
