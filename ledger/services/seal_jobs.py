"""A seal as a job, for windows too large to be closed while somebody waits for a page."""

from __future__ import annotations

import uuid
from typing import Any

from ledger.selectors.jobs import JobView
from ledger.selectors.streams import StreamView, known_stream
from ledger.services import carrying, jobs
from ledger.services.seal import seal_window

KIND = "seal"
TASK = "ledger.tasks.run_seal"
AT_ONCE = 20_000
"""Leaves up to which a request closes the window itself."""


def request_seal(of: StreamView, *, actor: str) -> JobView:
    """Enter the job and hand it to a worker."""
    params, waiting = {"stream": of.name}, of.size - of.window_from
    made = jobs.create(KIND, actor=actor, params=params, namespace=of.namespace, total=waiting, unit="leaves")
    carrying.enqueue(made, TASK)
    return made


def run_seal(job_id: uuid.UUID) -> None:
    """Carry out the seal whose turn it is."""
    carrying.carry_out(job_id, TASK, _sealed)


def _sealed(held: jobs.Claim) -> dict[str, Any]:
    jobs.progress(held, 0, message="closing the window and signing its checkpoint")
    window = seal_window(known_stream(held.job.namespace, held.job.params["stream"]).id, reason="request")
    if window is None:
        return {"window": None, "leaves": 0}
    jobs.progress(held, window.count, total=window.count)
    return {"window": window.number, "leaves": window.count}
