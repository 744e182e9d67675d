"""Retention: what is older than declared goes, exactly as the dry run said; what is held stays."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from ledger.core.erasure import erasure_of
from ledger.errors import LedgerError
from ledger.models import EventIndex, Job, Leaf, LeafObject
from ledger.selectors import jobs as jobs_seen
from ledger.selectors import leaves, retention
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView
from ledger.services import jobs
from ledger.services import retention as runs
from ledger.services.erasures import erase
from ledger.services.holds import place_hold
from ledger.services.retention import request_due, request_run, run_retention
from ledger.services.seal import seal_window
from ledger.services.terms import Change, declare
from ledger.services.verify_store import verify_store
from tests.support.erasing import asked, exported
from tests.support.guarded import settled
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db
OLD = timedelta(days=40)


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Twelve events: leaves 1 to 6 and, behind a manifest at 7, leaves 8 to 13."""
    made = new_stream()
    append(made, *(event(n) for n in range(6)))
    seal_window(made.id, reason="request")
    append(fresh(made), *(event(n) for n in range(6, 12)))
    return fresh(made)


def kept_for(stream: StreamView, **days: int | None) -> StreamView:
    given: dict[str, Any] = {f"{part}_days": found for part, found in days.items()}
    declare(fresh(stream), Change(**given), reason="R-4", by="person:1")
    return fresh(stream)


def aged(stream: StreamView, last: int) -> None:
    """Let events up to leaf `last` look old; the search columns are what retention looks at."""
    for row in EventIndex.objects.filter(stream_id=stream.id, index__lte=last):
        EventIndex.objects.filter(stream_id=stream.id, index=row.index).update(recorded=row.recorded - OLD)


def run(stream: StreamView, batch: int = 10_000) -> dict[str, Any]:
    asked = request_run(fresh(stream), actor="person:1")
    run_retention(asked.public_id, batch)
    found = jobs_seen.job(asked.public_id)
    assert found.result is not None, found.error
    return found.result


def erasures(stream: StreamView) -> list[tuple[tuple[int, int], ...]]:
    rows = [leaf for leaf in leaves.leaves(fresh(stream), 0, fresh(stream).size) if leaf.kind == "erasure"]
    return [erasure_of(leaf.parsed).spans for leaf in rows]


def gone(stream: StreamView, role: str = "payload") -> list[int]:
    there = set(LeafObject.objects.filter(stream_id=stream.id, role=role).values_list("index", flat=True))
    events = EventIndex.objects.filter(stream_id=stream.id).order_by("index").values_list("index", flat=True)
    return [index for index in events if index not in there]


def told(name: str, *given: str) -> Any:
    out = io.StringIO()
    call_command(name, *given, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_without_a_declaration_everything_is_kept(stream: StreamView) -> None:
    aged(stream, 13)
    assert retention.rules_of(stream) == []
    assert run(stream) == {"events": 0, "leaves": 0, "held": 0}


def test_a_declaration_is_a_control_leaf_and_the_same_again_writes_none(stream: StreamView) -> None:
    found = kept_for(stream, payload=30)
    assert (terms(found).payload_days, terms(found).attrs_days, terms(found).index) == (30, None, found.size - 1)
    assert kept_for(found, payload=30).size == found.size
    assert kept_for(found, attrs=60).size == found.size + 1
    assert (terms(fresh(found)).payload_days, terms(fresh(found)).attrs_days) == (30, 60)
    settled(fresh(found))


@pytest.mark.parametrize("days", [0, -1, 36_601])
def test_days_out_of_bounds_are_refused(stream: StreamView, days: int) -> None:
    with pytest.raises(LedgerError, match="payload_days is refused"):
        kept_for(stream, payload=days)


def test_one_leaf_takes_a_contiguous_batch_across_manifests(stream: StreamView) -> None:
    found = kept_for(stream, payload=30)
    aged(found, 10)
    assert run(found) == {"events": 9, "leaves": 1, "held": 0}
    assert erasures(found) == [((1, 10),)]
    assert gone(found) == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert gone(found, "attrs") == []
    assert run(found)["events"] == 0


def test_batches_are_bounded_each_with_its_leaf(stream: StreamView) -> None:
    found = kept_for(stream, payload=30)
    aged(found, 13)
    assert run(found, batch=5) == {"events": 12, "leaves": 3, "held": 0}
    assert erasures(found) == [((1, 5),), ((6, 11),), ((12, 13),)]


def test_parts_of_one_age_go_by_one_leaf_and_others_apart(stream: StreamView) -> None:
    found = kept_for(stream, payload=30, attrs=30)
    aged(found, 3)
    assert run(found)["leaves"] == 1
    assert (gone(found), gone(found, "attrs")) == ([1, 2, 3], [1, 2, 3])
    found = kept_for(found, attrs=35)
    aged(found, 5)
    assert run(found)["leaves"] == 2
    assert (gone(found), gone(found, "attrs")) == ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])


def test_held_events_stay_and_are_counted(stream: StreamView) -> None:
    found = kept_for(stream, payload=30)
    place_hold(found, [(2, 3), (9, 9)], case="C-7", reason="audit", by="person:1")
    aged(found, 10)
    assert run(found) == {"events": 6, "leaves": 1, "held": 3}
    assert erasures(found) == [((1, 1), (4, 8), (10, 10))]
    assert gone(found) == [1, 4, 5, 6, 8, 10]


def test_the_dry_run_says_exactly_what_the_run_then_does(stream: StreamView) -> None:
    found = kept_for(stream, payload=30)
    erase(fresh(found), asked((4, 4)))
    place_hold(fresh(found), [(2, 2)], case="C-7", reason="audit", by="person:1")
    aged(found, 10)
    size = fresh(found).size
    (row,) = told("retention_run", "acme/decisions", "--dry-run")["streams"]
    (rule,) = row["rules"]
    due = [1, 3, 5, 6, 8, 9, 10]
    objects = LeafObject.objects.filter(stream_id=found.id, role="payload", index__in=due)
    assert (rule["events"], rule["bytes"]) == (len(due), sum(objects.values_list("size", flat=True)))
    times = list(EventIndex.objects.filter(index__in=due).order_by("index").values_list("recorded", flat=True))
    assert (rule["oldest"], rule["newest"]) == (times[0].isoformat(), times[-1].isoformat())
    assert rule["held"] == [{"case": "C-7", "events": 1}]
    assert (fresh(found).size, gone(found)) == (size, [4])
    (row,) = told("retention_run", "acme/decisions")["streams"]
    assert (row["state"], row["result"]["events"]) == ("done", rule["events"])
    assert gone(found) == sorted([*due, 4])


def test_a_run_that_was_cancelled_stops_before_its_next_batch_and_another_goes_on(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = kept_for(stream, payload=30)
    aged(found, 13)
    asked_for = request_run(found, actor="person:1")

    def once(*given: Any) -> Any:
        done = erase(*given)
        jobs.cancel(asked_for.public_id)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(runs, "erase_due", once)
        run_retention(asked_for.public_id, 5)
    assert jobs_seen.job(asked_for.public_id).state == "cancelled"
    assert len(gone(found)) == 5
    assert run(found)["events"] == 7


def test_the_schedule_asks_once_where_something_is_due(stream: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueued: list[Any] = []
    monkeypatch.setattr(runs, "_enqueue", enqueued.append)
    found = kept_for(stream, payload=30)
    assert request_due() == 0
    aged(found, 3)
    assert (request_due(), request_due(), len(enqueued)) == (1, 0, 1)
    run_retention(enqueued[0].public_id)
    assert (request_due(), Job.objects.filter(kind="retention").count()) == (0, 1)


def test_store_and_bundles_verify_afterwards(stream: StreamView) -> None:
    found = kept_for(stream, payload=30, attrs=30)
    aged(found, 10)
    run(found, batch=4)
    assert exported(found, 1, 13).outcome == "verified"
    for leaf in leaves.leaves(fresh(found), 0, 14):
        EventIndex.objects.filter(stream_id=found.id, index=leaf.index).update(recorded=leaf.recorded)
    assert verify_store(fresh(found), "full", lambda _: None).problems == ()
    assert Leaf.objects.filter(stream_id=found.id, kind="terms").count() == 1
    settled(fresh(found))
