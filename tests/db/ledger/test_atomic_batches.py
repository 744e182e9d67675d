"""A batch is all or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from ledger.errors import EventConflict, IntegrityLost, LeafSchema, ProfileRefused
from ledger.services import group
from ledger.services.insert import insert_events
from tests.support.counts import rows_of
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


def test_one_conflict_in_ten_thousand_refuses_all() -> None:
    stream = new_stream()
    append(stream, event("known"))
    before = rows_of("acme")
    with pytest.raises(EventConflict):
        append(stream, *events(range(9_999)), event("known", b"other"))
    assert rows_of("acme") == before


def test_an_event_that_makes_no_leaf_refuses_all() -> None:
    stream = new_stream()
    before = rows_of("acme")
    with pytest.raises(LeafSchema):
        append(stream, event("a"), event("b", type="t" * 8_192))
    assert rows_of("acme") == before


def test_a_failure_after_the_inserts_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    inserted = insert_events

    def fail(*args: Any) -> None:
        inserted(*args)
        raise ZeroDivisionError

    stream = new_stream()
    before = rows_of("acme")
    monkeypatch.setattr(group, "insert_events", fail)
    with pytest.raises(ZeroDivisionError):
        append(stream, *events("abc"))
    monkeypatch.undo()
    assert rows_of("acme") == before
    assert append(stream, *events("abc")).appended[0].index == 1


def test_a_lost_connection_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    inserted = insert_events

    def cut(cursor: Any, *args: Any) -> None:
        inserted(cursor, *args)
        cursor.connection.close()

    stream = new_stream()
    before = rows_of("acme")
    monkeypatch.setattr(group, "insert_events", cut)
    with pytest.raises(Exception, match="closed"):
        append(stream, *events("abc"))
    monkeypatch.undo()
    assert rows_of("acme") == before
    assert append(stream, *events("abc")).appended[0].index == 1


def test_a_refused_profile_refuses_all() -> None:
    stream = new_stream(profile_mode="refuse")
    before = rows_of("acme")
    with pytest.raises(ProfileRefused) as refused:
        append(stream, event("a"), event("b", b'{"model":{"name":"m"}}', type="ai.decision"))
    assert refused.value.path.startswith("$[1].payload")
    assert rows_of("acme") == before


def test_a_leaf_beyond_the_head_stops_the_stream() -> None:
    stream = new_stream()
    append(stream, event("a"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_streamhead SET size = 1")
    with pytest.raises(IntegrityLost):
        append(stream, event("b"))
    assert fresh(stream).stopped == "integrity"
