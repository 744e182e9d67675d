"""Exports: the request freezes everything that decides the bundle's bytes; a job writes, verifies and
stores it.

Guarantees that the same request gives the same tar however often its job is begun again, that a cancelled
or superseded job leaves nothing behind, and that no file is offered that the offline verifier has not read.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from ledger.core.bundle import Period
from ledger.errors import ExportFailed, JobConflict, LedgerError, RangeInvalid
from ledger.models import Bundle
from ledger.selectors import checkpoints
from ledger.selectors.bundles import BundleView, bundle, bundle_of_job
from ledger.selectors.evidence import span_of
from ledger.selectors.jobs import JobView
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services import jobs
from ledger.services.export_decisions import frozen_size
from ledger.services.export_file import write_bundle
from ledger.services.ids import fresh_id
from ledger.services.system_events import SystemEvent, record

log = logging.getLogger(__name__)

KIND = "export"
TASK = "ledger.tasks.run_export"
ROLES = ("receipts", "attrs", "payload")


def request_bundle(
    stream: StreamView,
    start: int,
    end: int,
    *,
    actor: str,
    disclose: bool | Collection[str] = True,
    period: Period | None = None,
) -> tuple[BundleView, JobView]:
    """Ask for leaves [start, end) of a stream under its newest checkpoint; raises RangeInvalid.

    `disclose` names what is shown beside leaves and receipts: `attrs`, `payload`; True for both, False for
    neither.
    """
    head = checkpoints.newest(stream)
    if head is None or not 0 <= start < end <= head.size:
        covered = "no checkpoint yet" if head is None else f"the newest checkpoint covers leaves below {head.size}"
        raise RangeInvalid("The range is refused", why=f"[{start}, {end}): {covered}")
    decisions = frozen_size(stream, start, end - 1, head.size)
    with transaction.atomic():
        job = jobs.create(KIND, actor=actor, params={}, namespace=stream.namespace, total=end - start, unit="leaves")
        row = Bundle.objects.create(
            public_id=fresh_id(),
            stream_id=stream.id,
            job_id=job.id,
            actor=actor,
            created=Now(),
            first_index=start,
            last_index=end - 1,
            head_size=head.size,
            note=head.note,
            decisions_size=decisions,
            filters=period.to_json() if period is not None else {},
            disclose=_shown(disclose),
        )
        transaction.on_commit(lambda: _enqueue(job))
    return bundle(row.public_id), job


def request_period(
    stream: StreamView, period: Period, *, actor: str, disclose: bool | Collection[str] = True
) -> tuple[BundleView, JobView]:
    """Ask for the leaves of a period; raises RangeInvalid where the newest checkpoint covers none of them."""
    head = checkpoints.newest(stream)
    span = None if head is None else span_of(stream, period, head.size)
    if span is None:
        raise RangeInvalid(
            "No leaf of this period is under a checkpoint",
            why=f"{period.basis} time from {period.start} up to {period.end}",
            next_step="Check period and filter, or wait for the next window to close.",
        )
    return request_bundle(stream, span[0], span[1] + 1, actor=actor, disclose=disclose, period=period)


def run_export(job_id: uuid.UUID) -> None:
    """Carry out the export whose turn it is in the namespace of this job, then call the next one.

    Nothing happens where enough exports of the namespace run: the end of one of them calls the next.
    """
    held = jobs.claim_turn(job_id)
    if held is None:
        return
    try:
        _carry_out(held)
    finally:
        waiting = jobs.next_of(held)
        if waiting is not None:
            _enqueue(waiting)


def _carry_out(held: jobs.Claim) -> None:
    asked = bundle_of_job(held.job.public_id)
    try:
        jobs.finish(held, write_bundle(held, stream_by_id(asked.stream_id), asked))
    except JobConflict as error:
        log.info("export %s ends: %s", asked.public_id, error)
    except (LedgerError, OSError) as error:
        _failed(held, asked, error)


def _failed(held: jobs.Claim, asked: BundleView, error: LedgerError | OSError) -> None:
    told = error if isinstance(error, LedgerError) else ExportFailed("The bundle could not be written", why=str(error))
    log.error("export %s failed: %s", asked.public_id, told)
    jobs.fail(held, told)
    stream = f"{asked.namespace}/{asked.stream}"
    record(SystemEvent.EXPORT_FAILED, {"bundle": str(asked.public_id), "stream": stream, "code": told.code})


def _shown(disclose: bool | Collection[str]) -> dict[str, bool]:  # noqa: FBT001  all, nothing, or these
    if isinstance(disclose, bool):
        disclose = ROLES if disclose else ()
    return {"receipts": True, "attrs": "attrs" in disclose, "payload": "payload" in disclose}


def _enqueue(job: JobView) -> None:
    """Hand the job to a worker; what the broker loses, the sweep finds."""
    try:
        current_app.signature(TASK, args=[str(job.public_id)]).delay()
    except (OSError, OperationalError) as error:
        log.warning("job %s waits for the sweep: %s", job.public_id, error)
