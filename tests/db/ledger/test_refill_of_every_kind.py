"""A refill of a stream with every kind of leaf: derived rows are as they were, and do what they did."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from ledger.errors import ClockAhead, RequestError, StreamClosed
from ledger.models import Checkpoint, LeafObject, LoggedHead, SourceWatch, StreamHead
from ledger.selectors import leaves
from ledger.selectors.heads import proof_of_head
from ledger.selectors.health import policy_in_force
from ledger.selectors.notices import held_spans, terms
from ledger.selectors.reliance import spans_of
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as named
from ledger.services import clock, successor
from ledger.services.erasures import Held, erase, finish_open
from ledger.services.gaps import scan
from ledger.services.heads import log_heads
from ledger.services.holds import place_hold, release_hold
from ledger.services.policies import store_policy
from ledger.services.policy_leaf import set_policy_within
from ledger.services.prepare import PACE
from ledger.services.refill import refill
from ledger.services.reliance import set_reliance_within
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.successor import continue_stream
from ledger.services.successors import continue_all
from ledger.services.terms import Change, declare
from ledger.services.verify_store import verify_store
from ledger.storage.guards.errors import HeadGuardAhead
from tests.support.clones import Clone
from tests.support.erasing import asked
from tests.support.guarded import code_of, settled, snapshot
from tests.support.server import Server
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
Restore = Callable[[], None]
LEAVES = "SELECT index, kind, bytes, hash, recorded, kid FROM ledger_leaf WHERE stream_id = %s ORDER BY index"
DERIVED = {
    "ledger_notice": "index, kind, name, is_open",
    "ledger_noticerange": "index, kind, first, last, attrs, payload",
    "ledger_window": "number, first_index, last_index, root, opened, closed, reason, manifest_index",
    "ledger_receipt": "index, kid, signature, issued",
    "ledger_checkpoint": "size, root, note, window_number",
    "ledger_eventindex": "index, type, recorded",
    "ledger_sourcewatch": "scanned, last_index, last_recorded, told_after",
    "ledger_streamhead": "size, last_hash, last_recorded, control_index, control_hash, receipt_kid, window_number, "
    "window_from, window_opened, events_open, waiting_since, signed_size, stopped, successor",
}  # fmt: skip
KINDS = {"genesis", "event", "window", "policy", "reliance", "terms", "hold", "erasure", "gap"}


def rows(stream: StreamView) -> dict[str, list[Any]]:
    """Leaves, and what is derived from them."""
    asked_for = {
        name: f"SELECT {columns} FROM {name} WHERE stream_id = %s ORDER BY 1"  # noqa: S608 - all of it stands above
        for name, columns in DERIVED.items()
    }
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for name, statement in {"ledger_leaf": LEAVES, **asked_for}.items():
            cursor.execute(statement, [stream.id])
            found[name] = [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in cursor]
    return found


def other_policy(stream: StreamView) -> str:
    return f"# agreed in spring\n{policy_in_force(stream)}"


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Genesis, events 1 to 5, manifest 6, signed; the text of another policy is known."""
    ensure_platform()
    made = new_stream()
    append(made, *events(range(5)))
    seal_window(made.id, reason="request")
    store_policy(other_policy(fresh(made)))
    return fresh(made)


@pytest.fixture
def restore(stream: StreamView, server: Server, db_clone: Clone) -> Iterator[Restore]:
    """Put the database back to that moment."""
    with snapshot(server, db_clone) as back:
        yield back


def every_kind(stream: StreamView) -> None:
    """What people and searches wrote after the backup, in three windows, one of them the erasure's."""
    declare(fresh(stream), Change(payload_days=30, expected_every_s=1), reason="agreed", by="person:1")
    place_hold(fresh(stream), [(1, 2)], case="C-7", reason="audit", by="person:1")
    place_hold(fresh(stream), [(3, 4)], case="C-8", reason="audit", by="person:1")
    append(stream, event("a"))
    time.sleep(1.2)
    append(stream, event("b"))
    scan(fresh(stream))
    seal_window(stream.id, reason="request")
    release_hold(fresh(stream), case="C-8", reason="closed", by="person:1")
    erase(fresh(stream), asked((3, 3)))
    with transaction.atomic():
        set_policy_within(fresh(stream), other_policy(stream), decision=None)
    with transaction.atomic():
        set_reliance_within(fresh(stream), 4, 5, paused=True, reason="model drift")
    with transaction.atomic():
        set_reliance_within(fresh(stream), 5, 5, paused=False, reason="looked at")
    declare(fresh(stream), Change(expected_every_s=86_400), reason="a day will do", by="person:1")
    append(stream, event("c"))
    scan(fresh(stream))
    seal_window(stream.id, reason="request")


def test_all_that_is_derived_from_leaves_is_as_it_was(stream: StreamView, restore: Restore) -> None:
    every_kind(stream)
    before = rows(stream)
    assert {row[1] for row in before["ledger_leaf"]} == KINDS
    restore()
    assert code_of(stream) == "head_guard_ahead"
    assert refill(fresh(stream), dry_run=False).code == ""
    seal_window(stream.id, reason="request")
    finish_open()
    scan(fresh(stream))
    assert rows(stream) == before
    gone = {
        f"{role} {row[0]}"
        for row in before["ledger_leaf"]
        if row[1] == "event" and row[0] > 6
        for role in ("attrs", "payload")
    }
    found = verify_store(fresh(stream), "full", lambda _: None).problems
    assert {(one.code, one.path) for one in found} == {("payload_missing", path) for path in gone}
    settled(stream)


def test_what_lies_behind_the_last_window_waits_as_it_did(stream: StreamView, restore: Restore, tmp_path: Path) -> None:
    append(stream, event("a"))
    seal_window(stream.id, reason="request")
    append(stream, event("b"))
    place_hold(fresh(stream), [(1, 2)], case="C-7", reason="audit", by="person:1")
    append(stream, event("c"))
    before, size = rows(stream), fresh(stream).size
    (tmp_path / "leaf").mkdir()
    for view in leaves.leaves(fresh(stream), fresh(stream).signed_size, size):
        (tmp_path / "leaf" / str(view.index)).write_bytes(view.bytes)
    restore()
    refill(fresh(stream), folder=tmp_path, dry_run=False)
    seal_window(stream.id, reason="request")  # resumes what the guard held
    for table in ("ledger_leaf", "ledger_notice", "ledger_window", "ledger_streamhead"):
        assert rows(stream)[table] == before[table]


def test_what_the_leaves_say_is_in_force_again(stream: StreamView, restore: Restore) -> None:
    policy = other_policy(stream)
    every_kind(stream)
    restore()
    assert LeafObject.objects.filter(stream_id=stream.id, index=3, role="payload").exists(), "the backup holds it"
    refill(fresh(stream), dry_run=False)
    now = fresh(stream)
    assert (terms(now).payload_days, terms(now).expected_every_s) == (30, 86_400)
    assert held_spans(now.id) == {"C-7": [(1, 2)]}
    with pytest.raises(Held):
        erase(now, asked((1, 1)))
    assert policy_in_force(now) == policy
    assert spans_of(now) == [(4, 5, True), (5, 5, False)]
    assert finish_open() == 1
    assert not LeafObject.objects.filter(stream_id=stream.id, index=3, role="payload").exists()
    erase(fresh(stream), asked((4, 4)))  # released
    seal_window(stream.id, reason="request")
    settled(stream)


def told_gaps(stream: StreamView) -> int:
    now = fresh(stream)
    return [leaf.kind for leaf in leaves.leaves(now, 0, now.size)].count("gap")


def test_a_gap_is_told_once_though_the_search_comes_by_again(stream: StreamView, restore: Restore) -> None:
    declare(fresh(stream), Change(expected_every_s=1), reason="agreed", by="person:1")
    append(stream, event("a"))
    time.sleep(1.2)
    scan(fresh(stream))
    assert told_gaps(stream) == 1, "the silence that goes on"
    append(stream, event("b"))
    seal_window(stream.id, reason="request")
    restore()
    refill(fresh(stream), dry_run=False)
    scan(fresh(stream))
    assert told_gaps(stream) == 1, "the silence that ended, told before"
    time.sleep(1.2)
    scan(fresh(stream))
    assert told_gaps(stream) == 2, "a new one is told"
    scan(fresh(stream))
    assert told_gaps(stream) == 2


def test_the_search_ends_where_the_refilled_terms_ended_it(stream: StreamView, restore: Restore) -> None:
    declare(fresh(stream), Change(expected_every_s=60), reason="agreed", by="person:1")
    declare(fresh(stream), Change(expected_every_s=None), reason="no more", by="person:1")
    seal_window(stream.id, reason="request")
    restore()
    refill(fresh(stream), dry_run=False)
    assert (terms(fresh(stream)).expected_every_s, SourceWatch.objects.count()) == (None, 0)


def test_the_log_of_heads_enters_no_checkpoint_twice(stream: StreamView, server: Server, db_clone: Clone) -> None:
    heads = named("_platform", "heads")
    log_heads()
    seal_window(heads.id, reason="request")
    with snapshot(server, db_clone) as restore:
        append(stream, event("a"))
        seal_window(stream.id, reason="request")
        log_heads()
        seal_window(heads.id, reason="request")
        before, places = rows(fresh(heads)), sorted(LoggedHead.objects.values_list("stream_id", "size", "index"))
        size = fresh(heads).size
        restore()
        for one in (stream, heads):
            assert refill(fresh(one), dry_run=False).code == ""
            seal_window(one.id, reason="request")
        assert rows(fresh(heads)) == before
        assert sorted(LoggedHead.objects.values_list("stream_id", "size", "index")) == places
        log_heads()
        assert fresh(heads).size == size
        assert proof_of_head(fresh(stream)).checkpoint.size == fresh(stream).signed_size
        settled(heads)


def test_checkpoints_are_signed_anew_at_a_time_that_is_true(stream: StreamView, restore: Restore) -> None:
    every_kind(stream)
    append(stream, event("z"))
    seal_window(stream.id, reason="request")
    restore()
    began = datetime.now(UTC)
    refill(fresh(stream), dry_run=False)
    seal_window(stream.id, reason="request")
    new = list(
        Checkpoint.objects.filter(stream_id=stream.id, size__gt=7).order_by("size").values_list("signed_at", flat=True)
    )
    assert len(new) == 4
    assert new == sorted(new)
    assert began - PACE <= new[0] <= new[-1] <= datetime.now(UTC) + PACE
    problems = {one.code for one in verify_store(fresh(stream), "full", lambda _: None).problems}
    assert "signed_at_mismatch" not in problems


def test_nothing_is_signed_anew_while_the_clock_is_wrong(
    stream: StreamView, restore: Restore, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_kind(stream)
    append(stream, event("z"))
    seal_window(stream.id, reason="request")
    restore()
    signed = Checkpoint.objects.filter(stream_id=stream.id)
    with monkeypatch.context() as between:
        between.setattr("ledger.services.refill._signed_anew", lambda *_: ([], []))  # killed behind the leaves
        refill(fresh(stream), dry_run=False)
    wrong = clock.SteadyWatch()
    wrong.check(datetime.now(UTC) - timedelta(days=366), clock.steady_seconds())
    with monkeypatch.context() as ahead:
        ahead.setattr(clock, "watch", wrong)
        with pytest.raises(ClockAhead):
            refill(fresh(stream), dry_run=False)
        assert signed.count() == 1
    refill(fresh(stream), dry_run=False)
    seal_window(stream.id, reason="request")
    assert signed.count() == 5
    settled(stream)


def test_a_policy_whose_text_was_lost_is_refused(stream: StreamView, restore: Restore) -> None:
    text = f"# agreed later\n{policy_in_force(stream)}"
    with transaction.atomic():
        set_policy_within(fresh(stream), text, decision=None)
    seal_window(stream.id, reason="request")
    restore()
    with pytest.raises(RequestError, match="could not go on") as told:
        refill(fresh(stream), dry_run=False)
    assert "policy whose text was in the lost database" in str(told.value.why)
    assert (fresh(stream).size, code_of(stream)) == (7, "head_guard_ahead")
    store_policy(text)
    assert refill(fresh(stream), dry_run=False).code == ""
    assert policy_in_force(fresh(stream)) == text


def test_a_log_is_not_closed_for_one_that_was_lost_and_is_continued_under_a_name_that_is_free(
    stream: StreamView, restore: Restore
) -> None:
    first = continue_stream(stream, "decisions-2", actor=ACTOR, reason="moved").new
    assert first is not None
    append(first, event("in the successor"))
    restore()
    with pytest.raises(RequestError) as told:
        refill(fresh(stream), dry_run=False)
    assert "decisions-2, which was in the lost database alone" in str(told.value.why)
    with pytest.raises(HeadGuardAhead, match="a stream of this name"):
        continue_stream(fresh(stream), "decisions-2", actor=ACTOR, reason="restored")
    assert fresh(stream).successor is None, "what can be known to fail fails before anything is closed"
    found = [one.origin.rpartition("/")[2] for one in continue_all(actor=ACTOR, reason="restored")]
    assert (found[0], found[-1]) == ("changes-2", "decisions-3")
    append(named("acme", "decisions-3"), event("goes on"))
    settled(named("acme", "decisions-3"))


def test_a_log_that_was_closed_is_closed_again_where_its_successor_is_there(
    stream: StreamView, server: Server, db_clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(successor, "_link_back", lambda *_: None)
        made = continue_stream(stream, "decisions-2", actor=ACTOR, reason="moved").new
    assert made is not None
    StreamHead.objects.filter(pk=stream.id).update(successor=None)
    with snapshot(server, db_clone) as restore:
        continue_stream(fresh(stream), "decisions-2", actor=ACTOR, reason="moved")
        restore()
        assert fresh(stream).successor is None
        refill(fresh(stream), dry_run=False)
        assert fresh(stream).successor == made.origin
        with pytest.raises(StreamClosed):
            append(stream, event("too late"))
