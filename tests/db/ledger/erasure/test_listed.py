"""Derived rows of erasures and holds are compared with their leaves: a hold that is not listed would hold nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ledger.selectors.streams import StreamView
from ledger.services.erasures import erase
from ledger.services.holds import place_hold, release_hold
from ledger.services.seal import seal_window
from ledger.services.terms import Change, declare
from ledger.services.verify_store import verify_store
from tests.support.erasing import asked
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db
COPY = """
INSERT INTO ledger_notice (stream_id, index, kind, name, is_open)
SELECT stream_id, 2, kind, name, is_open FROM ledger_notice WHERE index = 5
"""
CORRUPTIONS = {
    "a hold that is not listed": ("DELETE FROM ledger_notice WHERE index = 5", "notice 5"),
    "a hold that is listed as released": ("UPDATE ledger_notice SET is_open = false WHERE index = 5", "notice 5"),
    "a hold under another case": ("UPDATE ledger_notice SET name = 'C-9' WHERE index = 5", "notice 5"),
    "a hold over fewer leaves": ("UPDATE ledger_noticerange SET last = 2 WHERE index = 5", "notice 5"),
    "a hold without its range": ("DELETE FROM ledger_noticerange WHERE index = 5", "notice 5"),
    "an erasure of another part": ("UPDATE ledger_noticerange SET attrs = true WHERE index = 8", "notice 8"),
    "terms that are not listed": ("DELETE FROM ledger_notice WHERE index = 10", "notice 10"),
    "an event listed as a hold": (COPY, "notice 2"),
}


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Events 1 to 4; hold 5 (1 to 3); hold 6 and its release 7; erasure 8 of 4, sealed by 9; terms 10."""
    made = new_stream()
    append(made, *events("abcd"))
    place_hold(fresh(made), [(1, 3)], case="C-7", reason="audit", by="person:1")
    place_hold(fresh(made), [(4, 4)], case="C-8", reason="audit", by="person:1")
    release_hold(fresh(made), case="C-8", reason="closed", by="person:1")
    erase(fresh(made), asked((4, 4)))
    declare(fresh(made), Change(payload_days=30), reason="R-4", by="person:1")
    seal_window(made.id, reason="request")
    return fresh(made)


def found(stream: StreamView) -> set[tuple[str, str]]:
    report = verify_store(fresh(stream), "full", lambda _: None)
    return {(problem.code, problem.path) for problem in report.problems}


def test_what_the_leaves_say_is_listed(stream: StreamView) -> None:
    assert found(stream) == set()


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_what_is_listed_otherwise_is_found(
    stream: StreamView, owner_connection: psycopg.Connection[Any], what: str
) -> None:
    statement, place = CORRUPTIONS[what]
    owner_connection.execute(statement.encode())
    owner_connection.commit()
    assert ("notice_mismatch", place) in found(stream)
