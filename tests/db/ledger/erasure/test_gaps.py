"""Gaps at the source: looked for on a schedule, told once each by a leaf, shown by health, bundles and verifier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from ledger.core.gap import Gap, gap_of
from ledger.models import EventIndex, RefusedAppend, SourceWatch
from ledger.selectors import leaves
from ledger.selectors.completeness import completeness_of
from ledger.selectors.notices import spoken_of
from ledger.selectors.streams import StreamView
from ledger.services import gaps
from ledger.services.erasures import erase
from ledger.services.gaps import scan, scan_all
from ledger.services.refused import refused
from ledger.services.seal import seal_window
from ledger.services.successor import continue_stream
from ledger.services.terms import Change, declare
from tests.support.erasing import asked, exported, notes
from tests.support.failpoints import KilledError
from tests.support.guarded import restarted, settled
from tests.support.streams import append, at_once, event, fresh, new_stream

pytestmark = pytest.mark.db
HOUR = timedelta(hours=1)


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """An event every ten minutes, numbered, is declared in leaf 1."""
    made = new_stream()
    declare(made, Change(expected_every_s=600, sequence=True), reason="agreed", by="person:1")
    return fresh(made)


def numbered(stream: StreamView, *numbers: int, source: str = "urn:tests") -> None:
    append(fresh(stream), *(event(f"{source}-{n}", sequence=str(n), source=source) for n in numbers))


def told(stream: StreamView) -> list[Gap]:
    found = leaves.leaves(fresh(stream), 0, fresh(stream).size)
    return [gap_of(leaf.parsed) for leaf in found if leaf.kind == "gap"]


def earlier(stream: StreamView, by: timedelta, last: int = 10**6) -> None:
    """Let the declaration and events up to `last` look as old; the search reads derived rows."""
    for row in EventIndex.objects.filter(stream_id=stream.id, index__lte=last):
        EventIndex.objects.filter(stream_id=stream.id, index=row.index).update(recorded=row.recorded - by)
    for watch in SourceWatch.objects.filter(stream_id=stream.id):
        SourceWatch.objects.filter(pk=watch.pk).update(last_recorded=watch.last_recorded - by)


def test_a_closed_log_takes_no_gap_behind_its_end(stream: StreamView) -> None:
    numbered(stream, 1)
    read_before = fresh(stream)
    refused.add("acme", "decisions", "stopped", datetime.now(UTC) - timedelta(minutes=9))
    continue_stream(read_before, "decisions-2", actor="machine:test", reason="renamed")
    earlier(stream, HOUR)
    size = fresh(stream).size
    assert (scan_all(), scan(fresh(stream)), scan(read_before)) == (0, 0, 0)
    assert (fresh(stream).size, told(stream)) == (size, [])


def test_without_a_declaration_nothing_is_evaluated_and_the_sentence_says_so(ledger_db: object) -> None:
    made = new_stream()
    append(made, event(1, sequence="1"), event(2, sequence="9"))
    assert scan_all() == 0
    found = completeness_of(fresh(made))
    assert found.state == "not_evaluated"
    assert "declares neither rhythm nor sequence, so nothing that was not sent could be noticed" in found.sentence


def test_events_in_time_and_order_leave_no_gap(stream: StreamView) -> None:
    numbered(stream, 1, 2, 3)
    assert (scan(fresh(stream)), told(stream)) == (0, [])
    found = completeness_of(fresh(stream))
    assert found.state == "pass"
    assert "leaf 1 declares an event every 10 min and numbered events of each source" in found.sentence


def test_skipped_numbers_become_one_leaf_once(stream: StreamView) -> None:
    numbered(stream, 1, 2)
    scan(fresh(stream))
    numbered(stream, 6)
    assert (scan(fresh(stream)), scan(fresh(stream)), scan_all()) == (1, 0, 0)
    assert told(stream) == [Gap("sequence", "3", "5", 3, 3, 4)]
    assert completeness_of(fresh(stream)).state == "fail"
    assert [one.told.count for one in spoken_of(fresh(stream), 4).gaps] == [3]


def test_each_source_has_numbers_of_its_own_and_other_spellings_do_not_count(stream: StreamView) -> None:
    numbered(stream, 1, 2)
    numbered(stream, 7, 8, source="urn:other")
    append(fresh(stream), event("x", sequence="007"), event("y", sequence="ten"), event("z", sequence="9" * 60))
    assert (scan(fresh(stream)), told(stream)) == (0, [])


def test_silence_that_ended_is_told_with_both_ends(stream: StreamView) -> None:
    numbered(stream, 1)
    scan(fresh(stream))
    earlier(stream, HOUR)
    numbered(stream, 2)
    assert scan(fresh(stream)) == 1
    (gap,) = told(stream)
    assert (gap.cause, gap.count, gap.after, gap.before) == ("silence", 6, 2, 3)


def test_silence_that_goes_on_is_told_once_and_fails_the_path(stream: StreamView) -> None:
    numbered(stream, 1)
    earlier(stream, HOUR)
    assert (scan(fresh(stream)), scan(fresh(stream))) == (1, 0)
    (gap,) = told(stream)
    assert (gap.end, gap.after, gap.before) == (None, 2, None)
    found = completeness_of(fresh(stream))
    assert (found.state, "No event has come for " in found.sentence) == ("fail", True)
    numbered(stream, 2)
    assert scan(fresh(stream)) == 0


def test_an_erased_event_is_not_taken_for_a_skipped_one(stream: StreamView) -> None:
    numbered(stream, 1, 2, 3)
    erase(fresh(stream), asked((3, 3), parts=("attrs",)))
    assert (scan(fresh(stream)), told(stream)) == (0, [])
    numbered(stream, 4, 6)
    assert scan(fresh(stream)) == 1


def test_what_we_refused_ourselves_is_told_for_the_minutes_in_which_we_did(stream: StreamView) -> None:
    numbered(stream, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('minute', clock_timestamp())")
        row: Any = cursor.fetchone()
    minute = row[0]
    for ago, code in ((9, "stopped"), (8, "storage_full"), (8, "stopped"), (5, "clock"), (0, "clock")):
        refused.add("acme", "decisions", code, minute - timedelta(minutes=ago))
    refused.add("acme", "nowhere", "stopped", minute)
    assert scan_all() == 2
    found = told(stream)
    assert [(gap.cause, gap.count) for gap in found] == [("refused", 3), ("refused", 1)]
    assert found[0].end is not None
    assert found[0].end > found[0].start
    assert list(RefusedAppend.objects.values_list("minute", flat=True)) == [minute]
    assert scan_all() == 0


def test_two_searches_at_once_tell_each_gap_once(stream: StreamView) -> None:
    numbered(stream, *range(0, 60, 2))
    at_once([lambda: scan(fresh(stream))] * 4, threads=4)
    assert [gap.start for gap in told(stream)] == [str(n) for n in range(1, 58, 2)]


@pytest.mark.parametrize("step", ["_remember", "tell_last"])
def test_a_search_that_was_killed_tells_each_gap_once(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    numbered(stream, 1, 3)

    def killed(*_: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(gaps, step, killed)
        with pytest.raises(KilledError):
            scan(fresh(stream))
    restarted(stream)
    scan(fresh(stream))
    assert [gap.start for gap in told(stream)] == ["2"]
    settled(fresh(stream))


def test_a_bundle_over_the_gap_shows_it_although_its_leaf_lies_outside(stream: StreamView) -> None:
    numbered(stream, 1, 4)
    scan(fresh(stream))
    seal_window(stream.id, reason="request")
    found = exported(stream, 2, 3)
    assert (found.outcome, "source_gap" in notes(found)) == ("verified", True)
    assert found.report is not None
    assert "since leaf 1" in " ".join(found.report["not_claimed"])
    settled(fresh(stream))
