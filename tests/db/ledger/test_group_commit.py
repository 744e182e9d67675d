"""Group commit: what waits together is committed together, and one request's fault is its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from ledger.errors import AppendTimeout, EventConflict, StreamStopped
from ledger.models import Acceptance, Idempotency, Leaf, StreamHead
from ledger.selectors.streams import StreamView
from ledger.services.append import AppendResult, IdempotencyKey
from ledger.services.committer import process, telling
from ledger.services.committer.group_transaction import Group
from tests.support.guarded import settled
from tests.support.log_audit import audit
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
SECONDS = 20.0


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each transaction was tried with."""
    sizes: list[int] = []
    run = Group.run

    def counted(self: Group, wire: Any) -> None:
        sizes.append(len(self.items))
        run(self, wire)

    monkeypatch.setattr(Group, "run", counted)
    return sizes


def waiting() -> int:
    return len(process._committer()._items._waiting)


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def held(stream: StreamView, owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Another writer holds the stream; the committer is stuck in a group of one, `first`."""
    with ThreadPoolExecutor(1) as pool, owner.transaction():
        owner.execute("SELECT 1 FROM ledger_streamhead WHERE stream_id = %s FOR UPDATE", [stream.id])
        pool.submit(closing, partial(append, stream, event("first")))
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
        until(lambda: owner.execute(blocked).fetchone() == (1,))
        yield


def closing(call: Callable[[], AppendResult]) -> AppendResult:
    try:
        return call()
    finally:
        connections.close_all()


def together(
    stream: StreamView, owner: psycopg.Connection[Any], *calls: Callable[[], AppendResult]
) -> list[Future[AppendResult]]:
    """Run these in one group; the futures hold what came of them."""
    with ThreadPoolExecutor(len(calls)) as pool:
        with held(stream, owner):
            done = []
            for count, call in enumerate(calls, 1):
                done.append(pool.submit(closing, call))
                until(lambda count=count: waiting() == count)  # type: ignore[misc]  # bound at once
        return done


def test_what_waits_together_is_one_transaction_and_one_word_to_the_guard(
    stream: StreamView, owner_connection: Any, groups: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    tell = telling.told

    def counted(word: telling.Word, wire: Any) -> int:
        told.append(word.size)
        return tell(word, wire)

    monkeypatch.setattr(telling, "told", counted)
    calls = [partial(append, stream, *events((f"{who}-1", f"{who}-2"))) for who in range(6)]
    done = together(stream, owner_connection, *calls)
    assert [one.index for all_of in done for one in all_of.result().appended] == list(range(2, 14))
    assert (groups, told) == ([1, 6], [2, 14])
    assert len(settled(stream).leaves) == 14
    assert Acceptance.objects.count() == 7


def test_a_poisoned_request_fails_alone(stream: StreamView, owner_connection: Any, groups: list[int]) -> None:
    other = new_stream("others")
    StreamHead.objects.filter(pk=other.id).update(stopped="integrity")
    append(stream, event("known"))
    calls = [
        partial(append, stream, event("one")),
        partial(append, stream, event("two"), event("no text in any column: \0")),
        partial(append, other, event("three")),
        partial(append, stream, event("four"), event("known", b'{"a":2}')),
        partial(append, stream, event("five")),
        partial(append, stream, event("known")),
    ]
    done = together(stream, owner_connection, *calls)
    outcomes = [type(one.exception()) for one in done]
    assert outcomes == [
        type(None),
        psycopg.errors.CharacterNotInRepertoire,
        StreamStopped,
        EventConflict,
        type(None),
        type(None),
    ]
    assert groups[:3] == [1, 1, 6]
    assert [done[4].result().appended[0].index, done[5].result().appended[0].index] == [4, 1]
    assert len(settled(stream).leaves) == 5
    assert fresh(other).size == 1


def test_a_bug_in_placing_fails_alone(
    stream: StreamView, owner_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Group._place

    def broken(self: Group, item: Any) -> None:
        if item.drafts[0].event.id == "two":
            raise ZeroDivisionError
        place(self, item)

    monkeypatch.setattr(Group, "_place", broken)
    calls = [partial(append, stream, event(name)) for name in ("one", "two", "three")]
    done = together(stream, owner_connection, *calls)
    assert [type(one.exception()) for one in done] == [type(None), ZeroDivisionError, type(None)]
    assert len(audit(stream).leaves) == 4


def test_the_same_event_in_one_group_is_one_leaf_with_one_receipt(
    stream: StreamView, owner_connection: Any, groups: list[int]
) -> None:
    calls = [partial(append, stream, event("same")), partial(append, stream, event("same"), event("new"))]
    one, two = (done.result() for done in together(stream, owner_connection, *calls))
    assert (one.replayed, two.replayed, groups) == (False, False, [1, 2])
    assert [row.replayed for row in two.appended] == [True, False]
    assert (one.appended[0].receipt, one.appended[0].salts) == (two.appended[0].receipt, two.appended[0].salts)
    assert len(audit(stream).leaves) == 4


def test_other_content_under_the_same_id_in_one_group_is_a_conflict(stream: StreamView, owner_connection: Any) -> None:
    calls = [partial(append, stream, event("id")), partial(append, stream, event("new"), event("id", b"2"))]
    one, two = together(stream, owner_connection, *calls)
    assert not one.result().replayed
    refused = two.exception()
    assert isinstance(refused, EventConflict)
    assert refused.path == "$[1]"
    assert len(audit(stream).leaves) == 3


def test_the_same_key_in_one_line_has_one_effect(stream: StreamView, owner_connection: Any, groups: list[int]) -> None:
    key = IdempotencyKey("key", bytes(32))
    calls = [partial(append, stream, event(who), idempotency=key) for who in "abc"]
    one, two, three = (done.result() for done in together(stream, owner_connection, *calls))
    assert {done.appended[0].index for done in (one, two, three)} == {2}
    assert [one.replayed, two.replayed, three.replayed] == [False, True, True]
    assert groups == [1, 1, 1, 1]


def test_a_key_whose_request_is_refused_in_a_group_stays_free(stream: StreamView, owner_connection: Any) -> None:
    append(stream, event("known"))
    key = IdempotencyKey("key", bytes(32))
    calls = [
        partial(append, stream, event("known", b'{"a":2}'), idempotency=key),
        partial(append, stream, event("new"), idempotency=IdempotencyKey("other", bytes(32))),
    ]
    refused, kept = together(stream, owner_connection, *calls)
    assert isinstance(refused.exception(), EventConflict)
    assert not kept.result().replayed
    assert [row.key for row in Idempotency.objects.all()] == ["other"]


def test_a_large_request_is_a_group_of_its_own(stream: StreamView, owner_connection: Any, groups: list[int]) -> None:
    with ThreadPoolExecutor(1) as pool, held(stream, owner_connection):
        done = pool.submit(closing, partial(append, stream, *events(range(process.LARGE))))
        until(lambda: len(groups) == 2)
        assert waiting() == 0
    assert len(done.result().appended) == process.LARGE
    assert len(settled(stream).leaves) == process.LARGE + 2


def test_nobody_waits_with_a_database_connection(stream: StreamView, owner_connection: Any) -> None:
    options = connections.settings["default"]["OPTIONS"]
    connection.close()
    connections.settings["default"]["OPTIONS"] = {**options, "pool": {"min_size": 1, "max_size": 4}}

    def call() -> AppendResult:
        connection.ensure_connection()
        return append(stream, event("one"))

    try:
        with ThreadPoolExecutor(1) as pool, held(stream, owner_connection):
            done = pool.submit(closing, call)
            until(lambda: waiting() == 1)
            found = connections["default"].pool.get_stats()  # type: ignore[attr-defined]  # PostgreSQL's backend has it
            assert found["pool_available"] == found["pool_size"] > 0
        assert not done.result().replayed
    finally:
        connections.close_all()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # the same
        connections.settings["default"]["OPTIONS"] = options


def test_who_is_not_settled_in_time_is_told_what_is_known(
    stream: StreamView, owner_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.3)
    with held(stream, owner_connection):
        with pytest.raises(AppendTimeout, match="nothing was kept"):
            append(stream, event("waits"))
        assert waiting() == 0
    monkeypatch.undo()
    assert not append(stream, event("waits")).replayed
    assert append(stream, event("first")).replayed
    settled(stream)


def test_the_one_whose_turn_has_come_may_have_been_kept(
    stream: StreamView, owner_connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.3)
    with owner_connection.transaction():
        owner_connection.execute("SELECT 1 FROM ledger_streamhead WHERE stream_id = %s FOR UPDATE", [stream.id])
        with pytest.raises(AppendTimeout, match="may have been kept"):
            append(stream, event("under way"))
    monkeypatch.undo()
    until(lambda: fresh(stream).size == 2)
    assert append(stream, event("under way")).replayed


def test_a_fork_has_a_committer_of_its_own(stream: StreamView) -> None:
    append(stream, event("parent"))
    child = os.fork()
    if child == 0:
        connections["default"].connection = None  # the parent's; not ours to close
        known = append(stream, event("parent")).replayed and not append(stream, event("child")).replayed
        os._exit(0 if known else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert append(stream, event("child")).replayed
    assert not append(stream, event("after")).replayed
    assert len(settled(stream).leaves) == 4


def test_it_waits_in_two_threads_that_end_with_the_process(stream: StreamView) -> None:
    append(stream, event("a"))
    ours = [one for one in threading.enumerate() if one.name in {"committer", "guard"}]
    assert sorted(one.name for one in ours) == ["committer", "guard"]
    assert all(one.daemon for one in ours)


def test_every_leaf_names_the_request_that_brought_it(stream: StreamView, owner_connection: Any) -> None:
    calls = [partial(append, stream, *events((f"{who}-1", f"{who}-2"))) for who in range(3)]
    together(stream, owner_connection, *calls)
    batches = Leaf.objects.filter(stream_id=stream.id, kind="event").order_by("index").values_list("batch", flat=True)
    assert [len({one}) for one in batches] == [1] * 7
    assert [batches[1] == batches[2], batches[3] == batches[4], batches[2] == batches[3]] == [True, True, False]
