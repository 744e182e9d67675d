"""Exports: what a request freezes, what the job writes, and what a stranger makes of it."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models.functions import Now

from ledger.core.bundle import ATTACHED, OBJECTS, Period, parse_manifest, read_attached
from ledger.core.dsse import parse_envelope
from ledger.core.gzip_stream import expand
from ledger.core.report import Report
from ledger.core.tar import Limits, read_members
from ledger.core.trust import Reader
from ledger.core.types import JSONObject
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.errors import RangeInvalid
from ledger.models import Bundle, Job
from ledger.selectors import bundles, checkpoints, jobs, keys, streams
from ledger.selectors.bundles import BundleView
from ledger.selectors.leaves import leaves
from ledger.selectors.streams import StreamView
from ledger.services import export_file, exports
from ledger.services import jobs as jobs_service
from ledger.services.seal import seal_window
from ledger.storage import bundle_key, store
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db


def sealed_stream(*batches: int) -> StreamView:
    """A stream with a window for each batch of so many events."""
    stream, number = new_stream(), 0
    for count in batches:
        append(stream, *events(range(number, number + count)))
        number += count
        seal_window(stream.id, reason="request")
    return fresh(stream)


def exported(stream: StreamView, start: int, end: int, **asked: Any) -> BundleView:
    view, job = exports.request_bundle(stream, start, end, actor=ACTOR, **asked)
    exports.run_export(job.public_id)
    return bundles.bundle(view.public_id)


def content(view: BundleView) -> bytes:
    with bundles.open_file(view) as file:
        return file.read()


def files_of(data: bytes) -> dict[str, bytes]:
    tar = io.BytesIO()
    expand(io.BytesIO(data), tar, Limits())
    tar.seek(0)
    members = list(read_members(tar, Limits()))
    return {member.name: tar.getvalue()[member.offset : member.offset + member.size] for member in members}


def judged(stream: StreamView, data: bytes) -> Report:
    """What a stranger finds who holds the log's key."""
    (vkey,) = keys.log_vkeys(stream.id)
    reader = Reader(parse_policy(f"log {vkey}\nquorum none\n"))
    return verify_bundle(io.BytesIO(data), io.BytesIO(), reader)


def manifest_of(data: bytes) -> JSONObject:
    value = parse_manifest(parse_envelope(files_of(data)["manifest.dsse.json"]).payload)
    return {"from": value.first, "to": value.last, **value.population.to_json()}


def test_a_bundle_of_several_windows_is_verified() -> None:
    stream = sealed_stream(5, 4, 3)
    view = exported(stream, 0, stream.size)
    assert (view.outcome, view.first, view.last, view.head_size) == ("verified", 0, 15, 16)
    report = judged(stream, content(view))
    assert (report.outcome, report.problems, report.failed) == ("verified", (), ())
    assert report.subject["events"] == 12
    assert {"consistency", "windows", "receipts", "objects", "control_chain"} <= set(report.checked)


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1, 2), (3, 12), (6, 7), (15, 16), (7, 16)])
def test_every_range_under_the_head_is_verified(start: int, end: int) -> None:
    stream = sealed_stream(5, 4, 3)
    view = exported(stream, start, end)
    assert view.outcome == "verified"
    assert judged(stream, content(view)).outcome == "verified"


def test_a_range_inside_one_window_brings_the_manifest_that_holds_it() -> None:
    stream = sealed_stream(5, 4, 3)
    data = content(exported(stream, 8, 10))
    report = judged(stream, data)
    rows = [read_attached(line) for line in files_of(data)[ATTACHED].splitlines()]
    assert [row.index for row in rows] == [0, 11, 15]
    assert report.outcome == "verified"
    assert "windows" in report.none
    (edge,) = (note.message for note in report.notes if note.code == "window_edge")
    assert edge.startswith("2 of 2 leaves (8 to 9) lie in no window")


def test_only_windows_that_are_wholly_there_are_compared() -> None:
    stream = sealed_stream(5, 4, 3)
    report = judged(stream, content(exported(stream, 3, 12)))
    assert report.counts["windows"] == 1
    assert "windows" in report.checked


def test_the_row_tells_size_digests_and_report() -> None:
    stream = sealed_stream(3)
    view = exported(stream, 0, 4)
    data = content(view)
    assert (view.file_size, view.file_sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert judged(stream, data).subject["bundle"] == view.bundle_id
    assert view.report is not None
    assert view.report["ok"] is True
    job = jobs.job(view.job_id)
    assert (job.state, job.done, job.total, job.unit) == ("done", 4, 4, "leaves")
    assert job.result == {"bundle": str(view.public_id), "outcome": "verified", "bytes": len(data)}


def test_the_same_request_gives_the_same_bytes_however_often_it_is_run() -> None:
    stream = sealed_stream(5)
    view = exported(stream, 1, 4)
    first = content(view)
    append(stream, *events(range(100, 105)))
    seal_window(stream.id, reason="request")
    Job.objects.filter(public_id=view.job_id).update(state="queued", finished=None)
    store().delete(view.file)
    exports.run_export(view.job_id)
    again = bundles.bundle(view.public_id)
    assert content(again) == first
    assert (again.bundle_id, again.head_size) == (view.bundle_id, 7)


def test_a_request_freezes_the_head_that_was_newest() -> None:
    stream = sealed_stream(3)
    view, job = exports.request_bundle(stream, 0, 4, actor=ACTOR)
    append(stream, *events(range(100, 103)))
    seal_window(stream.id, reason="request")
    exports.run_export(job.public_id)
    assert bundles.bundle(view.public_id).head_size == 5
    newest = checkpoints.newest(fresh(stream))
    assert newest is not None
    assert newest.size == 9


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2), (0, 6), (5, 6)])
def test_a_range_beyond_the_newest_checkpoint_is_refused(start: int, end: int) -> None:
    stream = sealed_stream(3)
    append(stream, event("later"))
    with pytest.raises(RangeInvalid):
        exports.request_bundle(stream, start, end, actor=ACTOR)
    assert not Bundle.objects.exists()


def test_a_stream_without_a_checkpoint_has_no_bundle() -> None:
    with pytest.raises(RangeInvalid):
        exports.request_bundle(new_stream(), 0, 1, actor=ACTOR)


@pytest.mark.parametrize(
    ("disclose", "present"),
    [(True, {"attrs", "payload"}), (False, set()), (("attrs",), {"attrs"}), (("payload",), {"payload"})],
)
def test_only_what_is_disclosed_lies_in_the_bundle(disclose: Any, present: set[str]) -> None:
    stream = sealed_stream(2)
    view = exported(stream, 0, 3, disclose=disclose)
    names = files_of(content(view)).keys()
    assert {role for role, name in OBJECTS.items() if name in names} == present
    assert view.outcome == "verified"
    assert set(view.disclose) == {"receipts", *present}


def test_no_payload_travels_where_none_is_disclosed() -> None:
    stream = new_stream()
    append(stream, event("secret-id", b'{"secret":"payload"}'))
    seal_window(stream.id, reason="request")
    everything = b"".join(files_of(content(exported(fresh(stream), 0, 2, disclose=False))).values())
    assert b"secret" not in everything


def test_a_large_payload_travels_as_a_file_of_its_own() -> None:
    stream, data = new_stream(), b"x" * 40_000
    append(stream, event("a", data, media_type="text/plain"), event("b", b"\xff\x00", media_type="x/y"))
    seal_window(stream.id, reason="request")
    view = exported(fresh(stream), 0, 3)
    assert view.outcome == "verified"
    assert files_of(content(view))["objects/payload-1.bin"] == data


def test_an_object_that_is_gone_is_named_and_leaves_the_bundle_incomplete(owner_connection: Any) -> None:
    stream = sealed_stream(3)
    owner_connection.execute("DELETE FROM ledger_object WHERE index = 2 AND role = 'payload'")
    view = exported(stream, 0, 4)
    assert view.outcome == "incomplete"
    report = judged(stream, content(view))
    assert report.codes == {"payload_missing"}
    signed = parse_envelope(files_of(content(view))["manifest.dsse.json"])
    assert parse_manifest(signed.payload).lacking == ("payloads of 1 events are no longer stored",)


def test_a_period_is_one_range_with_its_neighbours() -> None:
    stream = sealed_stream(3, 3)
    moments = [leaf.recorded for leaf in _leaves(stream)]
    asked = Period("recorded", moments[2], moments[6], type="t.test")
    view, job = exports.request_period(stream, asked, actor=ACTOR)
    exports.run_export(job.public_id)
    view = bundles.bundle(view.public_id)
    data = content(view)
    report = judged(stream, data)
    assert (view.outcome, report.outcome) == ("verified", "verified")
    assert {"period", "population"} <= set(report.checked) - set(report.failed)
    assert manifest_of(data) == {
        "from": view.first,
        "to": view.last,
        "events": 3,
        "matching": 3,
        "outside": 0,
    }


def test_a_period_by_claimed_time_tells_how_many_lie_outside() -> None:
    stream = new_stream()
    days = [1, 5, 20, 6]
    given = [event(day, time=f"2026-03-{day:02d}T00:00:00Z") for day in days]
    append(stream, *given)
    seal_window(stream.id, reason="request")
    asked = Period("claimed", "2026-03-04T00:00:00.000000Z", "2026-03-10T00:00:00.000000Z")
    view, job = exports.request_period(fresh(stream), asked, actor=ACTOR)
    exports.run_export(job.public_id)
    view = bundles.bundle(view.public_id)
    assert view.outcome == "verified"
    assert manifest_of(content(view)) == {"from": 2, "to": 4, "events": 3, "matching": 2, "outside": 1}


def test_a_period_without_leaves_is_refused() -> None:
    asked = Period("recorded", "2001-01-01T00:00:00.000000Z", "2001-01-02T00:00:00.000000Z")
    with pytest.raises(RangeInvalid):
        exports.request_period(sealed_stream(2), asked, actor=ACTOR)


def test_a_cancelled_export_writes_nothing() -> None:
    stream = sealed_stream(3)
    view, job = exports.request_bundle(stream, 0, 4, actor=ACTOR)
    jobs_service.cancel(job.public_id)
    exports.run_export(job.public_id)
    assert bundles.bundle(view.public_id).file == ""
    assert jobs.job(job.public_id).state == "cancelled"


def test_an_export_that_is_cancelled_on_the_way_stops_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = sealed_stream(3)
    view, job = exports.request_bundle(stream, 0, 4, actor=ACTOR)
    real = jobs_service.progress

    def cancelled_first(held: jobs_service.Claim, done: int, **more: Any) -> None:
        if jobs.job(job.public_id).state == "running":
            jobs_service.cancel(job.public_id)
        real(held, done, **more)

    monkeypatch.setattr(jobs_service, "progress", cancelled_first)
    exports.run_export(job.public_id)
    assert bundles.bundle(view.public_id).outcome is None
    assert jobs.job(job.public_id).state == "cancelled"
    assert list((Path(settings.COUNTERSIGN_STATE_DIR) / "work").iterdir()) == []
    assert list(store().keys("bundles")) == []


def _late(monkeypatch: pytest.MonkeyPatch, first: Callable[[], object]) -> None:
    """`first` happens between the file's place in the store and its row."""
    real = export_file._store

    def late(*given: Any) -> None:
        first()
        real(*given)

    monkeypatch.setattr(export_file, "_store", late)


def test_a_job_that_is_cancelled_before_its_row_is_written_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    view, job = exports.request_bundle(sealed_stream(3), 0, 4, actor=ACTOR)
    _late(monkeypatch, lambda: jobs_service.cancel(job.public_id))
    exports.run_export(job.public_id)
    assert (jobs.job(job.public_id).state, bundles.bundle(view.public_id).file) == ("cancelled", "")
    assert list(store().keys("bundles")) == []


def test_whoever_comes_late_leaves_the_file_of_who_carried_the_job_on(monkeypatch: pytest.MonkeyPatch) -> None:
    view, job = exports.request_bundle(sealed_stream(3), 0, 4, actor=ACTOR)

    def carried_on() -> None:
        monkeypatch.undo()
        Job.objects.filter(public_id=job.public_id).update(lease_until=Now() - timedelta(seconds=1))
        exports.run_export(job.public_id)

    _late(monkeypatch, carried_on)
    exports.run_export(job.public_id)
    done = bundles.bundle(view.public_id)
    assert (jobs.job(job.public_id).state, done.outcome) == ("done", "verified")
    assert hashlib.sha256(content(done)).hexdigest() == done.file_sha256


def test_whoever_comes_late_leaves_the_file_that_another_is_about_to_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    view, job = exports.request_bundle(sealed_stream(3), 0, 4, actor=ACTOR)

    def taken_up() -> None:
        Job.objects.filter(public_id=job.public_id).update(lease_until=Now() - timedelta(seconds=1))
        assert jobs_service.claim(job.public_id) is not None

    _late(monkeypatch, taken_up)
    exports.run_export(job.public_id)
    assert (jobs.job(job.public_id).state, bundles.bundle(view.public_id).file) == ("running", "")
    assert list(store().keys("bundles")) == [bundle_key(view.public_id.hex)]


def test_a_second_worker_finds_nothing_to_do() -> None:
    stream = sealed_stream(3)
    view, job = exports.request_bundle(stream, 0, 4, actor=ACTOR)
    assert jobs_service.claim(job.public_id) is not None
    exports.run_export(job.public_id)
    assert bundles.bundle(view.public_id).file == ""


def test_a_failing_export_has_a_code_a_next_step_and_a_system_event(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = sealed_stream(3)
    _, job = exports.request_bundle(stream, 0, 4, actor=ACTOR)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(store()), "put_file", full)
    exports.run_export(job.public_id)
    error = jobs.job(job.public_id).error
    assert error is not None
    assert error["code"] == "export_failed"
    assert error["next"]
    assert "No space left" in error["why"]


def test_bundles_are_listed_newest_first_and_by_namespace() -> None:
    stream = sealed_stream(3)
    views = [exports.request_bundle(stream, 0, 4, actor=ACTOR)[0] for _ in range(3)]
    listed = bundles.bundles_of(["acme"])
    assert [view.public_id for view in listed] == [view.public_id for view in reversed(views)]
    assert [view.public_id for view in bundles.bundles_of(["acme"], views[1].public_id)] == [views[0].public_id]
    assert bundles.bundles_of(["other"]) == []


def test_a_job_reaches_a_worker_after_the_commit(eager_tasks: None) -> None:
    importlib.import_module("ledger.tasks")
    view, _ = exports.request_bundle(sealed_stream(3), 0, 4, actor=ACTOR)
    assert bundles.bundle(view.public_id).outcome == "verified"


def _leaves(stream: StreamView) -> list[Any]:
    return list(leaves(streams.stream(stream.namespace, stream.name), 0, stream.size))
