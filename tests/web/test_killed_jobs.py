"""A worker that is killed by SIGKILL in the middle of a job: its page stands, another worker goes on, once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from ledger.models import Bundle
from ledger.selectors import jobs as shown
from ledger.selectors.jobs import JobView
from ledger.services import import_jobs, jobs, verifying
from ledger.services.exports import request_bundle
from ledger.services.housekeeping import tidy
from ledger.storage import bundle_key, store
from tests.support.clones import Clone
from tests.support.ledger_writer import environment
from tests.web.house import House

ROOT = Path(__file__).resolve().parents[2]
LINES = 7
BY = "person:1"


@pytest.fixture(autouse=True)
def _registered() -> None:
    """A worker knows the tasks by having imported them."""
    import_module("ledger.tasks")


@pytest.fixture
def kill(ledger_db: Clone) -> Callable[[JobView, str], None]:
    """Carries a job out in a process of its own up to a point, and kills it there."""

    def kill(job: JobView, point: str) -> None:
        command = [sys.executable, "-m", "tests.support.job_worker", str(job.public_id), point]
        environ = environment(ledger_db.runtime_url, ledger_db.guard_url)
        with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "there\n"
            process.kill()

    return kill


@pytest.fixture
def asked(house: House, tmp_path: Path) -> Callable[[], JobView]:
    """Asks for an import of seven lines."""

    def asked() -> JobView:
        file = tmp_path / "notes.ndjson"
        file.write_text("".join(f'{{"type":"note","id":"n{n}","payload":{n}}}\n' for n in range(LINES)))
        return import_jobs.request_import(house.fresh(), file, "notes.ndjson", "ndjson", actor=BY)

    return asked


def lease_is_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_job SET lease_until = clock_timestamp() - interval '1 s' WHERE state = 'running'")


def swept() -> list[JobView]:
    """What the sweep finds once the lease of a dead worker is over."""
    lease_is_over()
    return jobs.sweep()


def page(client: Client, job: JobView) -> str:
    cache.clear()
    answer = client.get(f"/jobs/{job.public_id}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("point", ["progress", "finish"])
def test_an_import_goes_on_and_appends_every_line_once(
    house: House, admin: Client, kill: Callable[..., None], asked: Callable[[], JobView], point: str
) -> None:
    before, job = house.fresh().size, asked()
    kill(job, point)
    assert "Running" in page(admin, job)
    assert before < house.fresh().size <= before + LINES
    assert [one.public_id for one in swept()] == [job.public_id]
    import_jobs.run_import(job.public_id)
    told = page(admin, job)
    assert "a worker took it up again, try 2" in told
    assert shown.job(job.public_id).result == {
        "lines": LINES, "appended": LINES - (3 if point == "progress" else LINES),
        "replayed": 3 if point == "progress" else LINES,
    }  # fmt: skip
    assert house.fresh().size == before + LINES
    assert (swept(), list(store().keys(import_jobs.PREFIX))) == ([], [])


def test_the_upload_of_an_import_that_was_done_goes_with_the_next_tidying(
    house: House, admin: Client, kill: Callable[..., None], asked: Callable[[], JobView]
) -> None:
    job = asked()
    kill(job, "after")
    assert shown.job(job.public_id).state == "done"
    assert "7 events appended" in page(admin, job)
    assert len(list(store().keys(import_jobs.PREFIX))) == 1
    tidy()
    assert list(store().keys(import_jobs.PREFIX)) == []


@pytest.mark.parametrize("point", ["progress", "finish"])
def test_a_verification_is_begun_again_and_says_what_it_checked(
    house: House, admin: Client, kill: Callable[..., None], point: str
) -> None:
    job = verifying.request_verify(house.stream, "full", actor=BY)
    kill(job, point)
    assert "Running" in page(admin, job)
    assert [one.public_id for one in swept()] == [job.public_id]
    verifying.run_verify(job.public_id)
    assert "The store is verified, in full mode." in page(admin, job)
    assert (shown.job(job.public_id).result or {})["outcome"] == "verified"
    assert swept() == []


def test_a_job_that_kills_each_of_its_workers_fails_with_its_words(
    house: House, admin: Client, kill: Callable[..., None], asked: Callable[[], JobView]
) -> None:
    before, job = house.fresh().size, asked()
    with pytest.MonkeyPatch.context() as fewer:
        fewer.setattr(jobs, "MAX_ATTEMPTS", 2)
        for _ in range(2):
            kill(job, "progress")
            lease_is_over()
        assert swept() == []
    told = page(admin, job)
    assert "Failed" in told
    assert "The job was begun too often without an end" in told
    assert "Read the workers" in told
    assert house.fresh().size == before + 3


def test_a_file_that_a_killed_worker_left_goes_once_no_job_claims_it(
    house: House, admin: Client, kill: Callable[..., None]
) -> None:
    asked, job = request_bundle(house.stream, 0, 3, actor=BY)
    key = bundle_key(asked.public_id.hex)
    kill(job, "file")
    tidy()
    assert list(store().keys("bundles")) == [key]
    jobs.cancel(job.public_id, by=BY)
    tidy()
    assert list(store().keys("bundles")) == []
    assert Bundle.objects.get(public_id=asked.public_id).file == ""
    assert "Cancelled" in page(admin, job)
