"""No receipt before the head guard knows of the leaf; an event that was committed is found again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from ledger.core.head_guard import GuardState, Receipted
from ledger.errors import NotThere, StreamExists, StreamUnknown
from ledger.selectors import receipts
from ledger.selectors.health import health_of
from ledger.selectors.streams import StreamView, stream
from ledger.services.append import IdempotencyKey, append_within
from ledger.services.streams import ensure_platform
from ledger.storage.guards.errors import HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.file import MARK
from tests.support.failpoints import APPENDING, CREATING, KilledError, dying, killed
from tests.support.guarded import guard_directory, held, reconnected, restarted, settled
from tests.support.streams import ACTOR, append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def made(ledger_db: object) -> StreamView:
    return new_stream()


def newest(one: StreamView) -> Receipted:
    now = fresh(one)
    return Receipted(now.size, now.head_hash)


def without_guard() -> Callable[[], object]:
    """The volume is not mounted any more; call what is returned to mount it again."""
    here = guard_directory()
    away = here.rename(here.with_name(f"{here.name}-away"))
    return partial(away.rename, here)


def test_a_new_stream_is_known_to_the_guard(made: StreamView) -> None:
    assert held(made) == GuardState(Receipted(1, made.log), None)


def test_each_append_moves_the_guard_over_its_newest_leaf(made: StreamView) -> None:
    append(made, *events("abc"))
    assert held(made).receipted == newest(made)
    append(made, *events("cd"))
    assert held(made).receipted == newest(made) == Receipted(5, fresh(made).head_hash)


def test_a_guard_that_is_away_keeps_events_out(made: StreamView) -> None:
    append(made, event("a"))
    back = without_guard()
    with pytest.raises(HeadGuardUnreachable):
        append(made, event("b"))  # committed: the guard is asked after it
    for _ in range(3):
        with pytest.raises(HeadGuardUnreachable):
            append(made, event("c"))
    assert fresh(made).size == 3
    back()
    again = append(made, event("b"))
    assert (again.replayed, again.appended[0].index) == (True, 2)
    assert append(made, event("c")).appended[0].index == 3
    settled(made)


def test_a_retry_under_its_key_is_receipted_once_the_guard_is_back(made: StreamView) -> None:
    key = IdempotencyKey("key", b"digest".ljust(32))
    append(made, event("before"))
    back = without_guard()
    with pytest.raises(HeadGuardUnreachable):
        append(made, *events("ab"), idempotency=key)
    back()
    answer = append(made, *events("ab"), idempotency=key)
    assert (answer.replayed, len(answer.appended), held(made).receipted) == (True, 2, newest(made))


@pytest.mark.parametrize("point", APPENDING)
def test_whoever_is_killed_there_is_found_again(made: StreamView, point: str) -> None:
    append(made, event("before"))
    with pytest.raises(KilledError), dying(point, killed):
        append(made, event("a", b"x" * 40_000))
    restarted(made)
    answer = append(made, event("a", b"x" * 40_000)).appended[0]
    assert (answer.index, answer.replayed) == (2, point != "D1")
    settled(made)


def test_a_leaf_that_the_guard_was_not_told_of_has_no_receipt_until_the_next_start(made: StreamView) -> None:
    with pytest.raises(KilledError), dying("D2", killed):
        append(made, event("a"))
    with pytest.raises(NotThere, match="not been told"):
        receipts.receipt(fresh(made), 1)
    restarted(made)
    assert receipts.receipt(fresh(made), 1) == append(made, event("a")).appended[0].receipt


def test_health_checks_the_receipts_that_are_promised(made: StreamView) -> None:
    append(made, *events("ab"))
    with pytest.raises(KilledError), dying("D2", killed):
        append(made, event("c"))
    receipt = health_of(fresh(made))[0]
    assert (receipt.state, "2 of 2 receipts" in receipt.sentence) == ("pass", True)
    without_guard()
    assert health_of(fresh(made))[0].state == "fail"


def test_health_of_events_that_nobody_promised_is_not_evaluated(made: StreamView) -> None:
    with pytest.raises(KilledError), dying("D2", killed):
        append(made, event("a"))
    assert health_of(fresh(made))[0].state == "not_evaluated"


def test_a_receipt_is_not_derived_where_the_guard_does_not_answer(made: StreamView) -> None:
    append(made, event("a"))
    without_guard()
    with pytest.raises(HeadGuardUnreachable):
        receipts.receipt(fresh(made), 1)


@pytest.mark.parametrize("point", CREATING)
def test_a_creation_that_was_killed_is_gone_on_with(ledger_db: object, point: str) -> None:
    with pytest.raises(KilledError), dying(point, killed):
        new_stream()
    if point == "create":
        with pytest.raises(StreamUnknown):
            stream("acme", "decisions")
        assert settled(new_stream()).sizes == []
    else:
        with pytest.raises(StreamExists):
            new_stream()
        restarted(stream("acme", "decisions"))
        settled(stream("acme", "decisions"))


def test_a_name_that_is_taken_does_not_touch_the_guard(made: StreamView) -> None:
    for document in guard_directory().glob("*.json"):
        document.unlink()
    with pytest.raises(StreamExists):
        new_stream()
    with pytest.raises(HeadGuardMissing):
        held(made)


def test_nothing_is_created_without_a_guard(ledger_db: object, settings: Any) -> None:
    settings.COUNTERSIGN_HEAD_GUARD = ""
    with pytest.raises(HeadGuardUnreachable, match="configured"):
        new_stream()


def test_an_event_within_a_transaction_is_told_when_it_commits(ledger_db: object) -> None:
    governance = ensure_platform()[0]
    with transaction.atomic(), connection.cursor() as cursor:
        for name in "ab":
            append_within(cursor, "_governance", "changes", [event(name)], actor=ACTOR)
        assert held(governance).receipted == Receipted(1, governance.log)
    assert held(governance).receipted == newest(governance)
    settled(governance)


def test_an_event_that_is_rolled_back_is_never_told(ledger_db: object) -> None:
    governance = ensure_platform()[0]
    with transaction.atomic(), connection.cursor() as cursor:
        append_within(cursor, "_governance", "changes", [event("a")], actor=ACTOR)
        transaction.set_rollback(True)
    assert held(governance).receipted == newest(governance) == Receipted(1, governance.log)


def test_a_decision_stands_though_the_guard_goes_away_at_its_commit(ledger_db: object) -> None:
    governance = ensure_platform()[0]
    with transaction.atomic(), connection.cursor() as cursor:
        append_within(cursor, "_governance", "changes", [event("a")], actor=ACTOR)
        back = without_guard()
    back()
    assert (fresh(governance).size, held(governance).receipted) == (2, Receipted(1, governance.log))
    restarted(governance)
    settled(governance)


def test_a_guard_that_is_away_refuses_a_decision(ledger_db: object) -> None:
    governance = ensure_platform()[0]
    without_guard()
    with pytest.raises(HeadGuardUnreachable), transaction.atomic(), connection.cursor() as cursor:
        append_within(cursor, "_governance", "changes", [event("a")], actor=ACTOR)
    assert fresh(governance).size == 1


def test_many_at_once_leave_the_guard_at_the_newest(made: StreamView) -> None:
    for done in at_once([partial(append, made, *events(f"{who}-{one}" for one in range(3))) for who in range(40)]):
        assert len(done.result().appended) == 3
    assert len(settled(made).leaves) == 121


def test_a_connection_is_compared_once(made: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    append(made, event("a"))

    def never(_stream: StreamView) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr("ledger.services.recovery.recover", never)
    append(made, event("b"))
    reconnected()
    with pytest.raises(AssertionError, match="compared again"):
        append(made, event("c"))


def test_the_mark_makes_the_difference_between_no_document_and_no_volume(made: StreamView) -> None:
    (guard_directory() / MARK).unlink()
    with pytest.raises(HeadGuardUnreachable):
        append(made, event("a"))
