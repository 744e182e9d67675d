"""What a caller was let in by is asked again in the transaction of its events."""

from __future__ import annotations

from functools import partial

import pytest

from ledger.services.append import Grounds, GroundsChanged
from tests.support.counts import rows_of
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db
QUESTION = "SELECT name FROM ledger_stream WHERE id = %s"


def test_grounds_that_hold_let_the_events_in() -> None:
    stream = new_stream()
    append(stream, event("a"), grounds=Grounds(QUESTION, (stream.id,), ("decisions",)))
    assert fresh(stream).size == 2


@pytest.mark.parametrize("count", [1, 300])
def test_grounds_that_changed_keep_nothing(count: int) -> None:
    stream = new_stream()
    before = rows_of("acme")
    with pytest.raises(GroundsChanged):
        append(stream, *events(range(count)), grounds=Grounds(QUESTION, (stream.id,), ("another",)))
    assert rows_of("acme") == before


def test_a_row_that_is_gone_is_a_change() -> None:
    stream = new_stream()
    with pytest.raises(GroundsChanged):
        append(stream, event("a"), grounds=Grounds(QUESTION, (0,), ("decisions",)))


def test_one_request_without_grounds_takes_nobody_along() -> None:
    stream = new_stream()
    told = {True: Grounds(QUESTION, (stream.id,), ("decisions",)), False: Grounds(QUESTION, (stream.id,), ("x",))}
    done = at_once([partial(append, stream, event(number), grounds=told[number % 2 == 0]) for number in range(16)])
    assert [one.exception() is None for one in done] == [number % 2 == 0 for number in range(16)]
    assert fresh(stream).size == 9
