"""Jobs carried out by a worker, whatever their kind: one turn in the namespace, one outcome, then the next one.

Guarantees that a job which was cancelled or taken over ends without a trace of this worker, and that a failure is
kept with the job and entered in `_system/events`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

from celery import current_app
from kombu.exceptions import OperationalError

from ledger.errors import JobConflict, LedgerError
from ledger.selectors.jobs import JobView
from ledger.services import jobs
from ledger.services.system_events import SystemEvent, record

log = logging.getLogger(__name__)
Work: TypeAlias = Callable[[jobs.Claim], dict[str, Any]]
After: TypeAlias = Callable[[JobView], None]


def carry_out(job_id: uuid.UUID, task: str, work: Work, after: After = lambda _: None) -> None:
    """Carry out the job whose turn it is among those of its kind and namespace, then enqueue the next on `task`.

    `after` hears of a job that is done: what it needed until then may go now.
    """
    held = jobs.claim_turn(job_id)
    if held is None:
        return
    try:
        _run(held, work, after)
    finally:
        waiting = jobs.next_of(held)
        if waiting is not None:
            enqueue(waiting, task)


def _run(held: jobs.Claim, work: Work, after: After) -> None:
    try:
        jobs.finish(held, work(held))
        after(held.job)
    except JobConflict as error:
        log.info("job %s ends: %s", held.job.public_id, error)
    except (LedgerError, OSError) as error:
        log.error("job %s failed: %s", held.job.public_id, error)  # noqa: TRY400  (told with the job, no trace needed)
        told = jobs.error_json(error) if isinstance(error, LedgerError) else _broken(error)
        jobs.fail(held, told)
        facts = {"job": str(held.job.public_id), "kind": held.job.kind, "code": told["code"]}
        record(SystemEvent.JOB_FAILED, facts)


def _broken(error: OSError) -> dict[str, Any]:
    next_step = "Read the workers' log, then ask for it again."
    return {"code": "job_failed", "what": "The job could not be done", "why": str(error), "next": next_step}


def enqueue(job: JobView, task: str) -> None:
    """Hand the job to a worker; what the broker loses, the sweep finds."""
    try:
        current_app.signature(task, args=[str(job.public_id)]).delay()
    except (OSError, OperationalError) as error:
        log.warning("job %s waits for the sweep: %s", job.public_id, error)
