"""What genesis leaves and secrets say of a stream's row and of its successor, and what is not compared, is told."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ledger.selectors.streams import StreamView
from ledger.services.erasures import Asked, erase
from ledger.services.keys import rotate
from ledger.services.lookup import lookup_key
from ledger.services.seal import seal_window
from ledger.services.store_findings import StoreReport
from ledger.services.streams import ensure_platform
from ledger.services.successor import continue_stream
from ledger.services.verify_store import verify_store
from tests.support.planting import Owner, plant
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db

SET = "UPDATE ledger_streamhead SET {} WHERE stream_id = (SELECT id FROM ledger_stream WHERE name = 'decisions')"


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    ensure_platform()
    made = new_stream()
    append(made, *events(range(5)))
    seal_window(made.id, reason="request")
    return fresh(made)


def set_head(owner: Owner, columns: str) -> None:
    plant(owner, SET.format(columns))
    owner.commit()


def report(stream: StreamView) -> StoreReport:
    return verify_store(fresh(stream), "full", lambda _: None)


def found(stream: StreamView) -> set[tuple[str, str]]:
    return {(one.code, one.path) for one in report(stream).problems}


def test_a_log_that_was_continued_while_stopped_is_not_reopened_unseen(
    stream: StreamView, owner_connection: Owner
) -> None:
    set_head(owner_connection, "stopped = 'head_guard_ahead'")
    continue_stream(fresh(stream), "next", actor=ACTOR, reason="lost")
    assert found(stream) == set()
    set_head(owner_connection, "stopped = NULL, successor = NULL")
    assert found(stream) == {("stream_row_mismatch", "head successor")}


def test_a_log_that_was_closed_by_its_last_leaf_is_not_reopened_unseen(
    stream: StreamView, owner_connection: Owner
) -> None:
    continue_stream(fresh(stream), "next", actor=ACTOR, reason="moved")
    assert found(stream) == set()
    set_head(owner_connection, "successor = NULL")
    assert ("stream_row_mismatch", "head successor") in found(stream)


def test_a_log_closed_for_another_than_continues_it_is_found(stream: StreamView, owner_connection: Owner) -> None:
    other = new_stream("other")
    set_head(owner_connection, f"successor = '{other.origin}'")
    assert found(stream) == {("stream_row_mismatch", "head successor")}


def test_a_key_that_was_retired_since_the_head_was_read_is_no_finding(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rotating(*_: object) -> None:
        if fresh(stream).size == 7:
            rotate(stream, "receipt", actor=ACTOR)

    monkeypatch.setattr("ledger.services.verify_store.check_control", rotating)
    assert found(stream) == set()
    assert fresh(stream).size == 8


def test_lookups_that_cannot_be_compared_without_the_seal_key_are_counted(stream: StreamView, settings: Any) -> None:
    assert "lookups not compared" not in report(stream).counts
    settings.COUNTERSIGN_SEAL_KEY = os.urandom(32)
    lookup_key.cache_clear()
    told = report(stream)
    lookup_key.cache_clear()
    assert (told.outcome, told.counts["lookups not compared"]) == ("verified", 5)


def test_fingerprints_of_erased_objects_are_counted_as_not_compared(stream: StreamView) -> None:
    erase(stream, Asked([(2, 2)], ["payload"], "subject", "asked", ACTOR, 0))
    told = report(stream)
    assert (told.outcome, told.counts["fingerprints"], told.counts["fingerprints not compared"]) == ("verified", 4, 1)


def test_an_event_sent_again_is_still_the_same_where_nothing_is_found(stream: StreamView) -> None:
    assert found(stream) == set()
    assert append(stream, event(0)).appended[0].index == 1
