"""System events: recorded now, or spooled and entered afterwards; denials one by one or by the minute."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from ledger.models import DenialTally, WorkerBeat
from ledger.selectors import leaves
from ledger.selectors.leaves import EventView
from ledger.services import denials, spool, system_events
from ledger.services.startup import migration_head, record_start, version_hash
from ledger.services.strangers import strangers
from ledger.services.streams import ensure_platform
from ledger.services.system_events import SystemEvent, flush_spool, record, record_denial
from ledger.services.workers import beat, leave
from tests.support.streams import fresh

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
def _platform(ledger_db: object) -> None:
    ensure_platform()


def told() -> list[EventView]:
    stream = fresh(ensure_platform()[2])
    return list(leaves.events(stream, 1, stream.size))


def payload(event: EventView) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.payload or b"null")
    return found


def test_an_event_is_recorded_with_its_request() -> None:
    record(SystemEvent.JOB_FAILED, {"job": "j"}, request_id="r-1")
    (event,) = told()
    assert event.type == "ledger:job:failed"
    assert payload(event) == {"job": "j", "request_id": "r-1"}
    assert spool.is_empty()


def test_without_the_database_it_goes_to_the_spool_and_is_entered_with_both_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_args: object, **_named: object) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr(system_events, "append_events", away)
    record(SystemEvent.JOB_FAILED, {"n": 1})
    record_denial(code="scope_missing", actor="key:a", door="api")
    monkeypatch.undo()
    assert told() == []
    assert flush_spool() == 2
    first, second = told()
    assert (payload(first), second.type) == ({"n": 1}, "console:request:denied")
    assert first.attrs is not None
    assert str(first.attrs["time"]) < first.leaf.recorded
    assert flush_spool() == 0


def test_a_crash_between_entering_and_forgetting_enters_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spool.note("ledger:job:failed", {"n": 1})
    monkeypatch.setattr(spool, "forget", lambda *_args, **_named: None)
    flush_spool()
    monkeypatch.undo()
    flush_spool()
    assert len(told()) == 1
    assert spool.is_empty()


def test_a_broken_spool_is_told() -> None:
    for number in range(3):
        spool.note("ledger:job:failed", {"n": number})
    place = spool._path()
    place.write_bytes(place.read_bytes().replace(b'{"n":1}', b'{"n":7}'))
    flush_spool()
    assert [event.type for event in told()][-1] == "ledger:spool:broken"
    assert payload(told()[-1]) == {"broken_lines": 1, "records": 2, "missing": []}
    assert b'{"n":7}' in place.with_name("broken.ndjson").read_bytes()
    assert flush_spool() == 0


@pytest.mark.parametrize("gone", [("events.ndjson",), ("events.ndjson", "noted")])
def test_a_spool_that_was_taken_away_is_told_once(gone: tuple[str, ...]) -> None:
    spool.note("ledger:job:failed", {"n": 1})
    flush_spool()
    spool.note("ledger:job:failed", {"n": 2})
    for name in gone:
        spool._path().with_name(name).unlink()
    assert (flush_spool(), flush_spool()) == (1, 0)
    assert payload(told()[-1])["missing"] == ["front"]


def test_without_the_database_strangers_are_summed_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise OperationalError("the server is away")

    monkeypatch.setattr(denials, "tally", away)
    for _ in range(1_000):
        record_denial(code="credentials_invalid", actor=None, door="append")
    assert spool.is_empty()
    strangers.spool()
    assert flush_spool() == 1
    (event,) = told()
    assert payload(event)["counts"] == [{"code": "credentials_invalid", "count": 1_000, "door": "append"}]


def test_the_sum_of_a_minute_is_spooled_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.strangers.PERIOD_S", 0.05)
    strangers.add("credentials_invalid", "append")
    assert strangers.timer is not None
    strangers.timer.join()
    assert not spool.is_empty()


def test_inside_a_transaction_it_survives_the_rollback() -> None:
    with transaction.atomic():
        record(SystemEvent.EXPORT_FAILED, {"n": 1})
        transaction.set_rollback(True)
    flush_spool()
    assert [event.type for event in told()] == ["ledger:export:failed"]


def test_a_known_callers_denial_is_one_event() -> None:
    record_denial(code="scope_missing", actor="key:a", door="append", request_id="r")
    (event,) = told()
    assert payload(event) == {"actor": "key:a", "code": "scope_missing", "door": "append", "request_id": "r"}


def test_strangers_denials_are_summed_by_the_minute() -> None:
    for _ in range(5):
        record_denial(code="credentials_invalid", actor=None, door="append")
    record_denial(code="credentials_missing", actor=None, door="append")
    assert denials.flush() == 0  # the minute is not over
    assert told() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_denialtally SET minute = minute - interval '1 minute'")
    record_denial(code="credentials_missing", actor=None, door="login")
    assert (denials.flush(), denials.flush()) == (1, 0)
    (event,) = told()
    assert payload(event)["counts"] == [
        {"code": "credentials_invalid", "count": 5, "door": "append"},
        {"code": "credentials_missing", "count": 1, "door": "append"},
    ]
    assert DenialTally.objects.get().door == "login"


def test_a_start_names_code_environment_and_migrations() -> None:
    record_start("web")
    (event,) = told()
    facts = payload(event)
    assert (event.type, facts["service"], facts["environment"]) == ("ledger:service:started", "web", "test")
    assert facts["version"] == version_hash()
    assert facts["migrations"] == migration_head()
    assert facts["migrations"]["ledger"] >= "0004"


def test_workers_beat_and_leave() -> None:
    beat("one@host", first=True)
    started = WorkerBeat.objects.get().started
    beat("one@host")
    row = WorkerBeat.objects.get()
    assert row.started == started < row.beat
    leave("one@host")
    assert not WorkerBeat.objects.exists()
