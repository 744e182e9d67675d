"""Many appenders of one stream: no gap, no duplicate, one chain."""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.log_audit import audit
from tests.support.streams import append, at_once, event, events, new_stream

pytestmark = pytest.mark.db

APPENDERS, BATCHES, EVENTS = 8, 12, 5


def test_eight_appenders_make_one_chain() -> None:
    stream = new_stream()
    calls = [
        partial(append, stream, *events(f"{who}-{batch}-{one}" for one in range(EVENTS)))
        for batch in range(BATCHES)
        for who in range(APPENDERS)
    ]
    answers = [one for done in at_once(calls, APPENDERS) for one in done.result().appended]
    assert sorted(one.index for one in answers) == list(range(1, APPENDERS * BATCHES * EVENTS + 1))
    found = audit(stream).leaves
    assert {one.index: one.leaf for one in answers} == {leaf.index: leaf.raw for leaf in found[1:]}


def test_the_same_event_from_eight_callers_is_one_leaf() -> None:
    stream = new_stream()
    answers = [done.result() for done in at_once([partial(append, stream, event("once"))] * APPENDERS)]
    assert {one.appended[0].index for one in answers} == {1}
    assert [one.replayed for one in answers].count(False) == 1
    assert len({one.appended[0].receipt for one in answers}) == 1
    assert len(audit(stream).leaves) == 2


def test_overlapping_batches_from_eight_callers_hold_each_event_once() -> None:
    stream = new_stream()
    calls = [partial(append, stream, *events(range(start, start + 10))) for start in range(APPENDERS)]
    answers = [done.result() for done in at_once(calls)]
    assert len(audit(stream).leaves) == 1 + APPENDERS + 9
    places = {(start + at, one.index) for start, done in enumerate(answers) for at, one in enumerate(done.appended)}
    assert len(places) == APPENDERS + 9
