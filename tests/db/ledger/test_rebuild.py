"""`ledger_rebuild` makes again what is derived, shows what differs, and makes nothing from leaves that are in doubt."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.core.spans import Span
from ledger.selectors.streams import StreamView, stream
from ledger.services.erasures import Asked, erase
from ledger.services.heads import log_heads
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.verify_store import verify_store
from ledger.storage import store, tile_key
from tests.support.planting import Owner, plant
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db

APPEND_ONLY = (
    "ledger_leaf",
    "ledger_window",
    "ledger_checkpoint",
    "ledger_receipt",
    "ledger_policytext",
    "ledger_object",
)


@pytest.fixture
def log(ledger_db: object, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """Genesis, 300 events, manifest 301, 2 events, manifest 304, 2 events; both checkpoints are in the log of heads."""
    monkeypatch.setattr("ledger.services.prepare.PACE", timedelta(0))
    ensure_platform()
    made = new_stream()
    append(made, *[event(number, time="2026-01-02T03:04:05Z", subject="s") for number in range(300)])
    seal_window(made.id, reason="request")
    append(made, *events(("a", "b")))
    seal_window(made.id, reason="request")
    append(made, *events(("c", "d")))
    log_heads()
    seal_window(stream("_platform", "heads").id, reason="request")
    return fresh(made)


def rebuilt(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("ledger_rebuild", *arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return {one["origin"].rpartition("/")[2]: one["differed"] for one in told["streams"]}


def outcomes() -> set[str]:
    both = (stream("acme", "decisions"), stream("_platform", "heads"))
    return {verify_store(one, "full", lambda _done: None).outcome for one in both}


def contents(owner: Owner) -> dict[str, str]:
    found = {}
    for table in APPEND_ONLY:
        rows = owner.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} AS t")  # noqa: S608  names of this file
        found[table] = str((rows.fetchone() or ("",))[0])
    return found


DAMAGE = [
    "UPDATE ledger_eventindex SET source = 'x', claimed_time = NULL WHERE index = 7",
    "DELETE FROM ledger_eventindex WHERE index = 8",
    "UPDATE ledger_eventindex SET index = 301 WHERE index = 9",
    "UPDATE ledger_streamhead SET window_number = 9, window_from = 3, receipt_kid = 'x' WHERE size = 307",
    "UPDATE ledger_streamhead SET signed_size = 302, events_open = 9, waiting_since = now() WHERE size = 307",
    "UPDATE ledger_streamhead SET window_opened = now(), last_recorded = now() WHERE size = 307",
    "UPDATE ledger_streamhead SET control_hash = last_hash, control_index = 1 WHERE size = 307",
    "UPDATE ledger_loggedhead SET size = 303 WHERE size = 302",
    "DELETE FROM ledger_loggedhead WHERE size = 305",
]


def damage(log: StreamView, owner: Owner) -> None:
    for statement in DAMAGE:
        plant(owner, statement)
    for path in ("tile/0/000", "tile/entries/001.p/49"):
        store().delete(tile_key(log.origin, path))
    for path in ("tile/0/001.p/49", "tile/0/001.p/46", "tile/1/000.p/1", "tile/entries/000"):
        held = store().get(tile_key(log.origin, path))
        store().delete(tile_key(log.origin, path))
        store().put(tile_key(log.origin, path), bytes(len(held)))
    store().put(tile_key(log.origin, "tile/3/000"), b"x")


def test_what_is_derived_is_made_again_and_then_everything_verifies(log: StreamView, owner_connection: Owner) -> None:
    damage(log, owner_connection)
    before = contents(owner_connection)
    shown = rebuilt("--dry-run")
    assert shown["decisions"] == {"search columns": 4, "files": 7, "head columns": 10}
    assert shown["heads"]["places of heads"] == 2
    assert outcomes() == {"rejected"}
    assert rebuilt() == shown
    assert outcomes() == {"verified"}
    assert contents(owner_connection) == before
    assert rebuilt() == {"decisions": {}, "heads": {}, "changes": {}, "events": {}}


def test_a_file_that_differed_is_kept_aside(log: StreamView) -> None:
    key = tile_key(log.origin, "tile/0/000")
    store().delete(key)
    store().put(key, b"planted")
    rebuilt("acme/decisions")
    (aside,) = store().keys("aside")
    assert store().get(aside) == b"planted"
    assert len(store().get(key)) == 256 * 32


def test_everything_derived_can_be_lost_at_once(log: StreamView, owner_connection: Owner) -> None:
    plant(owner_connection, "DELETE FROM ledger_eventindex WHERE true")
    for key in list(store().keys(f"tiles/{log.origin}")):
        store().delete(key)
    rebuilt("acme/decisions")
    assert outcomes() == {"verified"}


def test_erased_words_do_not_come_back(log: StreamView, owner_connection: Owner) -> None:
    span: Span = (5, 6)
    erase(log, Asked([span], ["attrs"], "subject", "asked for", "person:x"))
    plant(owner_connection, "UPDATE ledger_eventindex SET source = 'urn:tests' WHERE index = 5")
    rebuilt("acme/decisions")
    rows = owner_connection.execute("SELECT source, event_id, type FROM ledger_eventindex WHERE index IN (5, 6)")
    assert rows.fetchall() == [(None, None, "t.test")] * 2
    assert outcomes() == {"verified"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_leaf SET bytes = set_byte(bytes, 12, get_byte(bytes, 12) # 1) WHERE index = 9",
        "DELETE FROM ledger_leaf WHERE index = 100",
        "UPDATE ledger_checkpoint SET note = overlay(note placing 'x' from 1 for 1) WHERE size = 305",
        "UPDATE ledger_streamhead SET last_hash = sha256('x') WHERE size = 307",
    ],
)
def test_nothing_is_made_from_leaves_that_are_in_doubt(
    log: StreamView, owner_connection: Owner, statement: str
) -> None:
    plant(owner_connection, statement)
    plant(owner_connection, "DELETE FROM ledger_eventindex WHERE index = 8")
    with pytest.raises(CommandError, match="nothing is made from"):
        rebuilt("acme/decisions")
    assert owner_connection.execute("SELECT 1 FROM ledger_eventindex WHERE index = 8").fetchone() is None


def test_the_words_name_each_difference(log: StreamView) -> None:
    out = StringIO()
    call_command("ledger_rebuild", "acme/decisions", stdout=out)
    assert out.getvalue().strip().endswith("everything is as the leaves say")
    store().delete(tile_key(log.origin, "tile/0/000"))
    out = StringIO()
    call_command("ledger_rebuild", "acme/decisions", "--dry-run", stdout=out)
    assert "1 files differ\n  tile/0/000: written" in out.getvalue()
