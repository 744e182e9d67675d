"""The database's clock is put back, or forwards by a year: nothing false is recorded, and it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connections

from ledger.errors import ClockAhead
from ledger.selectors.streams import StreamView
from ledger.services import clock
from ledger.services.seal import seal_window
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
