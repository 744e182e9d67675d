"""Celery's shims call their services; the worker's heartbeat beats."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from django.db import connection

from ledger import tasks
from ledger.models import WorkerBeat
from ledger.schedule import SCHEDULE
from ledger.services import jobs, spool
from ledger.services.streams import ensure_platform
from ledger.worker import Heartbeat
from tests.support.log_audit import audit
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db


def test_every_scheduled_task_is_there() -> None:
    for entry in SCHEDULE.values():
        module, _, name = entry["task"].rpartition(".")
        assert module == "ledger.tasks"
        assert getattr(tasks, name).name == entry["task"]


def test_what_is_due_is_sealed_by_the_task(eager_tasks: None) -> None:
    stream = new_stream(window_count=2)
    append(stream, event("a"))
    assert tasks.seal_due.delay().get() == 1
    append(stream, event("b"))
    tasks.seal_stream.delay(stream.id)
    assert audit(stream).sizes == [3, 5]


def test_a_new_checkpoint_is_entered_in_the_log_of_heads_by_the_task(eager_tasks: None) -> None:
    heads = ensure_platform()[1]
    stream = new_stream(window_count=1)
    append(stream, event("a"))
    tasks.seal_due.delay()
    assert tasks.log_heads.delay().get() == 1
    assert fresh(heads).size == 2


def test_the_sweeps_run(eager_tasks: None) -> None:
    ensure_platform()
    spool.note("ledger:job:failed", {})
    assert tasks.flush_spool.delay().get() == 1
    assert tasks.flush_denials.delay().get() == 0
    assert tasks.sweep_refusals.delay().get() == 0
    assert tasks.tidy.delay().get() == 0


def test_a_lost_job_is_enqueued_again(monkeypatch: pytest.MonkeyPatch) -> None:
    job = jobs.create("export", actor="key:a", params={})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_job SET created = created - interval '1 minute'")
    enqueued: list[str] = []
    monkeypatch.setitem(tasks.RUNNERS, "export", SimpleNamespace(delay=enqueued.append))
    assert tasks.sweep_jobs() == 1
    assert enqueued == [str(job.public_id)]


def test_a_worker_says_that_it_started_and_lives_and_leaves() -> None:
    ensure_platform()
    step = Heartbeat(None)
    step.start(SimpleNamespace(hostname="one@host"))
    deadline = time.monotonic() + 10
    while not WorkerBeat.objects.filter(name="one@host").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert WorkerBeat.objects.filter(name="one@host").exists()
    assert fresh(ensure_platform()[2]).size == 2
    step.stop(None)
    assert not WorkerBeat.objects.exists()
