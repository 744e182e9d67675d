"""Retention: what is older than its stream declares is erased in batches, one erasure leaf each, by a job.

Guarantees that nothing goes which a dry run would not name at that moment, that held events stay, and that a run
which was cancelled or killed is gone on with by the next one: what is due follows from the log alone.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any, Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from ledger.errors import JobConflict, LedgerError
from ledger.models import Job
from ledger.selectors.jobs import JobView
from ledger.selectors.retention import Plan, Rule, next_batch, plan_of, rules_of, streams_with_terms
from ledger.selectors.streams import StreamView, known_stream, stream_by_id
from ledger.services import jobs
from ledger.services.erasures import Asked, Held, erase_due

log = logging.getLogger(__name__)

KIND: Final = "retention"
TASK: Final = "ledger.tasks.run_retention"
BATCH: Final = 10_000
"""Events of one erasure leaf."""
BY: Final = "system:retention"


def plans_of(stream: StreamView) -> list[Plan]:
    """What a run would erase now, rule by rule."""
    return [plan_of(stream, rule) for rule in rules_of(stream)]


def request_run(stream: StreamView, *, actor: str) -> JobView:
    """Enter a run as a job; whoever called enqueues it after the commit, or carries it out."""
    total = sum(plan.events for plan in plans_of(stream))
    params = {"stream": stream.name}
    return jobs.create(KIND, actor=actor, params=params, namespace=stream.namespace, total=total, unit="events")


def request_due() -> int:
    """Enter and enqueue a run for each stream with something due and no run under way; returns how many."""
    asked = 0
    for stream_id in streams_with_terms():
        stream = stream_by_id(stream_id)
        if stream.stopped or stream.is_frozen or _is_running(stream):
            continue
        if not any(plan.events for plan in plans_of(stream)):
            continue
        with transaction.atomic():
            job = request_run(stream, actor=BY)
        _enqueue(job)
        asked += 1
    return asked


def run_retention(job_id: uuid.UUID, batch: int = BATCH) -> None:
    """Carry out a run; one that was cancelled stops before its next batch."""
    held = jobs.claim(job_id)
    if held is None:
        return
    try:
        jobs.finish(held, _erased(held, known_stream(held.job.namespace, held.job.params["stream"]), batch))
    except JobConflict as error:
        log.info("retention %s ends: %s", job_id, error)
    except LedgerError as error:
        log.error("retention %s failed: %s", job_id, error)  # noqa: TRY400 - the job keeps the reason
        jobs.fail(held, error)


def _erased(held: jobs.Claim, stream: StreamView, batch: int) -> dict[str, Any]:
    events = leaves = 0
    for rule in rules_of(stream):
        while spans := next_batch(stream, rule, batch):
            jobs.progress(held, events)
            try:
                done = erase_due(stream, _asked(rule, spans))
            except Held:
                continue  # Placed since the batch was chosen: the next one leaves it out.
            if done.replayed:
                break
            events, leaves = events + done.events, leaves + len(done.leaves)
    jobs.progress(held, events)
    stays = sum(sum(plan.held.values()) for plan in plans_of(stream))
    return {"events": events, "leaves": leaves, "held": stays}


def _asked(rule: Rule, spans: list[tuple[int, int]]) -> Asked:
    return Asked(spans, rule.parts, "retention", f"kept for {rule.days} days", BY)


def _is_running(stream: StreamView) -> bool:
    rows = Job.objects.filter(kind=KIND, namespace=stream.namespace, params__stream=stream.name)
    return rows.filter(state__in=jobs.OPEN).exists()


def _enqueue(job: JobView) -> None:
    """Hand the job to a worker; what the broker loses, the sweep finds."""
    try:
        current_app.signature(TASK, args=[str(job.public_id)]).delay()
    except (OSError, OperationalError) as error:
        log.warning("job %s waits for the sweep: %s", job.public_id, error)
