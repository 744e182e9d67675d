"""Jobs: claims with a lease and a fencing number, and what the sweep finds."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from ledger.errors import JobConflict, NotThere, RequestError
from ledger.selectors.jobs import JobView, job, jobs_in
from ledger.services import jobs
from ledger.services.ids import fresh_id
from tests.support.streams import at_once

pytestmark = pytest.mark.db


@pytest.fixture
def queued(ledger_db: object) -> JobView:
    return jobs.create("export", actor="key:a", params={"bundle": 7}, namespace="acme", total=10, unit="leaves")


def held(queued: JobView) -> jobs.Claim:
    claim = jobs.claim(queued.public_id)
    assert claim is not None
    return claim


def later(how_much: str) -> None:
    """Let time pass for all jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_job SET created = created - %s::interval, lease_until = lease_until - %s::interval",
            [how_much, how_much],
        )


def test_a_job_goes_its_way(queued: JobView) -> None:
    assert (queued.state, queued.total, queued.started) == ("queued", 10, None)
    claim = held(queued)
    assert (claim.job.state, claim.fencing) == ("running", 1)
    jobs.progress(claim, 4, message="packing")
    running = job(queued.public_id)
    assert (running.done, running.message, running.state) == (4, "packing", "running")
    assert running.rate is not None
    jobs.finish(claim, {"bundle": "b"})
    done = job(queued.public_id)
    assert (done.state, done.result, done.error) == ("done", {"bundle": "b"}, None)
    assert done.finished is not None
    assert jobs_in({"acme"}) == [done]
    assert jobs_in({"others"}) == []


def test_a_failed_job_says_what_why_and_next(queued: JobView) -> None:
    jobs.fail(held(queued), RequestError("It broke", why="rust", next_step="Oil it."))
    assert job(queued.public_id).error == {
        "code": "refused",
        "what": "It broke",
        "why": "rust",
        "next": "Oil it.",
    }


def test_one_of_eight_workers_gets_the_job(queued: JobView) -> None:
    claims = [done.result() for done in at_once([partial(jobs.claim, queued.public_id)] * 8)]
    assert [claim is not None for claim in claims].count(True) == 1


def test_a_lease_that_ran_out_may_be_claimed_and_fences_the_first_worker_off(queued: JobView) -> None:
    first = held(queued)
    assert jobs.claim(queued.public_id) is None
    later("61 seconds")
    second = held(queued)
    assert second.fencing == first.fencing + 1
    for write in (
        partial(jobs.progress, first, 9), partial(jobs.finish, first, {}), partial(jobs.heartbeat, first),
        partial(jobs.fail, first, {}),
    ):  # fmt: skip
        with pytest.raises(JobConflict):
            write()
    jobs.finish(second, {"by": "second"})
    assert job(queued.public_id).result == {"by": "second"}


def test_a_heartbeat_keeps_the_lease(queued: JobView) -> None:
    claim = held(queued)
    later("59 seconds")
    jobs.heartbeat(claim, timedelta(seconds=60))
    later("30 seconds")
    assert jobs.claim(queued.public_id) is None


def test_a_cancelled_job_stops_its_worker(queued: JobView) -> None:
    claim = held(queued)
    jobs.cancel(queued.public_id)
    with pytest.raises(JobConflict):
        jobs.progress(claim, 1)
    assert jobs.claim(queued.public_id) is None
    with pytest.raises(JobConflict):
        jobs.cancel(queued.public_id)
    assert job(queued.public_id).state == "cancelled"


def test_the_sweep_finds_what_the_broker_lost(queued: JobView) -> None:
    assert jobs.sweep() == []
    later("16 seconds")
    assert [one.public_id for one in jobs.sweep()] == [queued.public_id]


def test_the_sweep_finds_what_a_dead_worker_left(queued: JobView) -> None:
    held(queued)
    later("30 seconds")
    assert jobs.sweep() == []
    later("31 seconds")
    assert [one.public_id for one in jobs.sweep()] == [queued.public_id]


def test_a_job_that_kills_its_workers_is_given_up(queued: JobView) -> None:
    for _ in range(jobs.MAX_ATTEMPTS):
        held(queued)
        later("61 seconds")
    assert jobs.sweep() == []
    ended = job(queued.public_id)
    assert ended.state == "failed"
    assert ended.error is not None
    assert ended.error["code"] == "abandoned"


def test_an_unknown_job_is_said_to_be_missing(ledger_db: object) -> None:
    with pytest.raises(NotThere):
        job(fresh_id())
    with pytest.raises(NotThere):
        jobs.claim(fresh_id())


def test_a_namespace_has_one_export_carried_out_at_a_time_and_the_others_in_order(queued: JobView) -> None:
    second, third = (jobs.create("export", actor="key:a", params={}, namespace="acme") for _ in range(2))
    first = jobs.claim_turn(third.public_id)
    assert first is not None
    assert first.job.public_id == queued.public_id
    assert jobs.claim_turn(second.public_id) is None
    waiting = jobs.next_of(first)
    jobs.finish(first, {})
    assert waiting is not None
    assert waiting.public_id == second.public_id
    then = jobs.claim_turn(third.public_id)
    assert then is not None
    assert then.job.public_id == second.public_id


def test_a_crowd_of_one_namespace_keeps_no_other_from_its_turn(queued: JobView) -> None:
    other = jobs.create("export", actor="key:b", params={}, namespace="others")
    crowd = [jobs.create("export", actor="key:a", params={}, namespace="acme") for _ in range(30)]
    assert jobs.claim_turn(crowd[-1].public_id) is not None
    theirs = jobs.claim_turn(other.public_id)
    assert theirs is not None
    assert theirs.job.public_id == other.public_id
    later("16 seconds")
    assert [one.namespace for one in jobs.sweep()] == ["acme"]  # the oldest of the crowd alone


def test_of_eight_workers_one_gets_the_turn(queued: JobView) -> None:
    ids = [queued, *(jobs.create("export", actor="key:a", params={}, namespace="acme") for _ in range(7))]
    claims = [done.result() for done in at_once([partial(jobs.claim_turn, one.public_id) for one in ids])]
    assert [claim is not None for claim in claims].count(True) == 1
    with pytest.raises(NotThere):
        jobs.claim_turn(fresh_id())


def test_a_turn_whose_worker_was_lost_comes_again(queued: JobView) -> None:
    first = jobs.claim_turn(queued.public_id)
    later("61 seconds")
    again = jobs.claim_turn(queued.public_id)
    assert first is not None
    assert again is not None
    assert (again.job.public_id, again.fencing) == (queued.public_id, first.fencing + 1)
