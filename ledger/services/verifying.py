"""Verification of a stream as a job: the same as `ledger_verify`, with a page that tells how far it is."""

from __future__ import annotations

import uuid
from typing import Any, cast

from ledger.errors import JobConflict
from ledger.selectors.jobs import JobView, is_open
from ledger.selectors.streams import StreamView, known_stream
from ledger.services import carrying, jobs
from ledger.services.verify_store import Mode, leaves_to_look_at, verify_store

KIND = "verify"
TASK = "ledger.tasks.run_verify"
TOLD = 50
"""Problems that are kept with the job; the command's report has all of them."""


def request_verify(of: StreamView, mode: Mode, *, actor: str) -> JobView:
    """Enter the job and hand it to a worker; raises JobConflict while another one over this stream is open."""
    other = is_open(KIND, of.namespace, of.name)
    if other is not None:
        raise JobConflict(
            "This stream is being verified already", why=f"job {other}", next_step="Wait for the job that runs."
        )
    params, total = {"stream": of.name, "mode": mode}, leaves_to_look_at(of, mode)
    made = jobs.create(KIND, actor=actor, params=params, namespace=of.namespace, total=total, unit="leaves")
    carrying.enqueue(made, TASK)
    return made


def run_verify(job_id: uuid.UUID) -> None:
    """Carry out the verification whose turn it is."""
    carrying.carry_out(job_id, TASK, _verified)


def _verified(held: jobs.Claim) -> dict[str, Any]:
    of, mode = known_stream(held.job.namespace, held.job.params["stream"]), cast("Mode", held.job.params["mode"])
    jobs.progress(held, 0, total=leaves_to_look_at(of, mode), message="hashing what is stored")
    report = verify_store(of, mode, lambda done: jobs.progress(held, done))
    told = report.to_json()
    return {**told, "problems": told["problems"][:TOLD], "problems_found": len(told["problems"])}
