"""The database's clock is put back, or forwards by a year: nothing false is recorded, and it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import pytest
from django.db import connections

from ledger.errors import ClockAhead, NotThere, StreamClosed
from ledger.models import StreamHead
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as named
from ledger.services import clock
from ledger.services.prepare import PACE
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.successor import continue_stream
from ledger.services.successors import continue_all, planned
from tests.support.clocks import make_shiftable, shift
from tests.support.clones import Clone
from tests.support.guarded import settled
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db
Shift = Callable[[str], None]


@pytest.fixture
def put(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch) -> Shift:
    """Puts the clock forwards or back. The watch is this test's own: in the others no clock jumps."""
    monkeypatch.setattr(clock, "watch", clock.SteadyWatch())
    connections.close_all()
    make_shiftable(ledger_db.admin_url)
    return partial(shift, ledger_db.admin_url)


@pytest.fixture
def stream(put: Shift) -> StreamView:
    made = new_stream()
    append(made, event("before"))
    return made


def refused(stream: StreamView) -> None:
    size = fresh(stream).size
    with pytest.raises(ClockAhead):
        append(stream, event("refused"))
    with pytest.raises(ClockAhead):
        seal_window(stream.id, reason="request")
    assert fresh(stream).size == size


@pytest.mark.parametrize("by", ["1 year", "6 minutes"])
def test_a_clock_put_forwards_is_refused_until_it_is_right(stream: StreamView, put: Shift, by: str) -> None:
    put(by)
    refused(stream)
    refused(stream)
    put("0")
    append(stream, event("after"))
    seal_window(stream.id, reason="request")
    settled(stream)


def test_a_process_that_starts_in_the_wrong_year_refuses_it_too(
    stream: StreamView, put: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("1 year")
    monkeypatch.setattr(clock, "watch", clock.SteadyWatch())
    refused(stream)
    put("0")
    append(stream, event("after"))
    settled(stream)


def test_no_stream_is_made_in_the_wrong_year(put: Shift) -> None:
    put("1 year")
    with pytest.raises(ClockAhead):
        new_stream()


def test_a_clock_put_back_a_little_records_the_time_of_the_last_leaf(stream: StreamView, put: Shift) -> None:
    put("-4 minutes")
    append(stream, event("a"))
    leaves = settled(stream).leaves
    assert leaves[-1].recorded == leaves[-2].recorded


def test_a_clock_put_back_an_hour_is_refused_until_it_is_right(stream: StreamView, put: Shift) -> None:
    put("-1 hour")
    refused(stream)
    put("0")
    append(stream, event("after"))
    settled(stream)


@pytest.mark.parametrize("ahead", ["1 year", "4 minutes"])
@pytest.mark.parametrize("reason", ["age", "request"])
def test_a_checkpoint_that_was_signed_in_the_future_keeps_no_later_one_back(
    stream: StreamView, put: Shift, monkeypatch: pytest.MonkeyPatch, ahead: str, reason: Literal["age", "request"]
) -> None:
    seal_window(stream.id, reason="request", reached=lambda step: put(ahead) if step == "S3" else None)
    put("0")
    append(stream, event("after"))
    slept: list[float] = []
    monkeypatch.setattr("ledger.services.seal.time.sleep", slept.append)
    assert seal_window(stream.id, reason=reason) is not None
    assert slept == []
    settled(stream)
    append(stream, event("at once"))
    assert seal_window(stream.id, reason="age") is None, "the pace holds again"
    seal_window(stream.id, reason="request")
    assert [0 < wait <= PACE.total_seconds() for wait in slept] == [True]


def future(put: Shift, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], by: str = "1 year") -> None:
    """Do it while database and machine are wrong together, in a process that starts then; both are put right again."""
    put(by)
    with monkeypatch.context() as wrong:
        wrong.setattr(clock, "watch", clock.SteadyWatch())
        wrong.setattr(clock, "check_machine", lambda *_: None)
        act()
    put("0")
    monkeypatch.setattr(clock, "watch", clock.SteadyWatch())


@pytest.fixture
def ahead(put: Shift, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """A stream with a checkpoint, and a leaf of next year behind it."""
    ensure_platform()
    made = new_stream()
    append(made, event("before"))
    seal_window(made.id, reason="request")
    future(put, monkeypatch, lambda: append(made, event("in the future")))
    return fresh(made)


def test_a_log_that_ends_in_the_future_is_continued(ahead: StreamView) -> None:
    with pytest.raises(ClockAhead) as told:
        append(ahead, event("after"))
    assert "stream_continue" in told.value.next_step
    found = continue_stream(ahead, "d2", actor="key:tests", reason="the clock was a year ahead")
    assert (found.stopped, found.linked_back, found.given_up) == ("clock", False, 1)
    with pytest.raises(StreamClosed, match="d2"):
        append(ahead, event("after"))
    assert append(named("acme", "d2"), event("after")).appended[0].index == 1
    settled(named("acme", "d2"))


def test_what_was_left_half_closed_is_finished(ahead: StreamView) -> None:
    StreamHead.objects.filter(pk=ahead.id).update(successor=f"{ahead.origin}-2")
    assert [(one.stream.name, one.name) for one in planned()] == [("decisions", "decisions-2")]
    assert continue_all(actor="key:tests", reason="the clock")[0].stopped == "clock"
    with pytest.raises(StreamClosed):
        append(ahead, event("after"))


def test_all_takes_such_logs_with_it_also_those_of_the_platform(
    ahead: StreamView, put: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(soon := new_stream("soon"), event("before"))
    future(put, monkeypatch, lambda: append(soon, event("in half an hour")), "30 minutes")
    with pytest.raises(ClockAhead):
        append(soon, event("not yet"))
    future(put, monkeypatch, lambda: append(named("_governance", "changes"), event("in the future")))
    with pytest.raises(ClockAhead):
        continue_stream(ahead, "d2", actor="key:tests", reason="where it is entered comes first")
    assert (fresh(ahead).successor, fresh(ahead).stopped) == (None, None)
    found = continue_all(actor="key:tests", reason="the clock was a year ahead")
    assert [one.old.name for one in found] == ["changes", "decisions"]
    assert append(named("acme", "decisions-2"), event("after")).appended
    assert planned() == []


@pytest.mark.parametrize("by", ["1 year", "-1 hour"])
def test_nothing_is_closed_while_the_clock_itself_is_wrong(stream: StreamView, put: Shift, by: str) -> None:
    put(by)
    with pytest.raises(ClockAhead):
        continue_stream(stream, "d2", actor="key:tests", reason="too early")
    assert (fresh(stream).successor, fresh(stream).stopped) == (None, None)
    put("0")
    append(stream, event("after"))


def test_a_size_that_has_no_checkpoint_closes_nothing(stream: StreamView) -> None:
    with pytest.raises(NotThere):
        continue_stream(stream, "d2", actor="key:tests", reason="x", size=7)
    assert fresh(stream).successor is None
    append(stream, event("after"))
