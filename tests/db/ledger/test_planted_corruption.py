"""Every corruption that is planted in a table or file is found by a full verification, with its code and place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.selectors.streams import StreamView, stream
from ledger.services.append import IdempotencyKey, append_events
from ledger.services.heads import log_heads
from ledger.services.keys import rotate
from ledger.services.prepare import prepare
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.verify_store import verify_store
from ledger.storage import store, tile_key
from tests.support.corruptions import TABLES, WORDS
from tests.support.planting import Owner, plant
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def log(ledger_db: object, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """Genesis, 300 events, manifest 301, 2 events, manifest 304, an event, an export key, manifest 307 prepared and not
    signed.

    Event 302 is a blob; the log of heads names both checkpoints, and is sealed.
    """
    monkeypatch.setattr("ledger.services.prepare.PACE", timedelta(0))
    ensure_platform()
    made = new_stream()
    append(made, *events(range(299)))
    append_events(made, [event("asked")], actor=ACTOR, idempotency=IdempotencyKey("once", bytes(32)))
    seal_window(made.id, reason="request")
    append(made, event("large", b"x" * 40_000), event("b"))
    seal_window(made.id, reason="request")
    append(made, event("c"))
    rotate(fresh(made), "export", actor=ACTOR)
    prepare(fresh(made), "request")
    assert log_heads() == 2
    seal_window(stream("_platform", "heads").id, reason="request")
    return fresh(made)


def found(one: StreamView) -> set[tuple[str, str]]:
    report = verify_store(fresh(one), "full", lambda _done: None)
    assert all(problem.next and problem.message for problem in report.problems)
    return {(problem.code, problem.path) for problem in report.problems}


def test_nothing_is_found_on_a_clean_ledger(log: StreamView) -> None:
    assert found(log) == set()
    assert found(stream("_platform", "heads")) == set()


@pytest.mark.parametrize(("statement", "code", "place"), TABLES.values(), ids=TABLES.keys())
def test_what_is_planted_in_a_table_is_found(
    log: StreamView, owner_connection: Owner, statement: str, code: str, place: str
) -> None:
    named = _named(owner_connection)
    plant(owner_connection, statement.format(**WORDS))
    assert (code, place.format(**named)) in found(log)


FILES = {
    "a full tile": "tile/0/000",
    "the partial tile of the head": "tile/0/001.p/49",
    "an older partial tile": "tile/0/001.p/46",
    "an upper tile": "tile/1/000.p/1",
    "a full entry bundle": "tile/entries/000",
    "the partial entry bundle of the head": "tile/entries/001.p/49",
    "an older partial entry bundle": "tile/entries/001.p/46",
}


@pytest.mark.parametrize("path", FILES.values(), ids=FILES.keys())
def test_what_is_planted_in_a_file_is_found(log: StreamView, path: str) -> None:
    key = tile_key(log.origin, path)
    data = store().get(key)
    store().delete(key)
    store().put(key, bytes(reversed(data)))
    assert found(log) == {("range_root_mismatch", path)}


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/49", "tile/1/000.p/1", "tile/entries/001.p/49"])
def test_a_published_file_that_is_lost_is_found(log: StreamView, path: str) -> None:
    store().delete(tile_key(log.origin, path))
    assert found(log) == {("file_missing", path)}


@pytest.mark.parametrize("path", ["tile/0/001.p/200", "tile/0/007", "tile/3/000", "tile/entries/002", "tile/x"])
def test_a_file_that_belongs_to_no_size_is_found(log: StreamView, path: str) -> None:
    store().put(tile_key(log.origin, path), bytes(32))
    assert found(log) == {("tile_unexpected", path)}


def test_a_lost_and_an_altered_blob_are_found(log: StreamView) -> None:
    (key,) = store().keys("blobs")
    store().delete(key)
    assert found(log) == {("payload_missing", "payload 302")}
    store().put(key, b"y" * 40_000)
    assert found(log) == {("payload_digest_mismatch", "payload 302")}


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE ledger_loggedhead SET index = 7 WHERE size = 302", "logged head 1"),
        ("UPDATE ledger_loggedhead SET size = 303 WHERE size = 302", "logged head 1"),
        ("DELETE FROM ledger_loggedhead WHERE size = 302", "logged head 1"),
        ("INSERT INTO ledger_loggedhead SELECT id, 4, 0 FROM ledger_stream WHERE namespace = 'acme'", "logged head 0"),
    ],
)
def test_what_is_planted_in_the_places_of_heads_is_found_from_the_log_of_heads(
    log: StreamView, owner_connection: Owner, statement: str, place: str
) -> None:
    plant(owner_connection, statement)
    assert ("logged_head_mismatch", place) in found(stream("_platform", "heads"))


def test_a_head_leaf_that_says_something_else_is_found_from_its_stream(
    log: StreamView, owner_connection: Owner
) -> None:
    altered = "convert_to(replace(convert_from(bytes, 'UTF8'), '\"size\":302', '\"size\":303'), 'UTF8')"
    statement = "UPDATE ledger_leaf SET bytes = {altered} WHERE {heads} AND index = 1"
    plant(owner_connection, statement.format(altered=altered, **WORDS))
    assert ("logged_head_mismatch", "checkpoint 302") in found(log)


def _named(owner: Owner) -> dict[str, str]:
    """What statements cannot know beforehand."""
    keys = "SELECT kid FROM ledger_signingkey WHERE {log} AND use = 'receipt'"
    (kid,) = owner.execute(keys.format(**WORDS)).fetchone() or ("",)
    (policy,) = owner.execute("SELECT digest FROM ledger_policytext WHERE text LIKE '%acme%'").fetchone() or ("",)
    others = (
        "SELECT kid FROM ledger_signingkey WHERE {log} AND (use = 'checkpoint' OR valid_to IS NOT NULL) ORDER BY use"
    )
    (log_kid,), (retired,) = owner.execute(others.format(**WORDS)).fetchall()
    return {"kid": kid, "policy": policy, "log_kid": log_kid, "retired": retired}
