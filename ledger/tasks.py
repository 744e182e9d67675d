"""Celery's shims: each parses its ids and calls one service. How often stands in `ledger.schedule`."""

from __future__ import annotations

import uuid

from celery import shared_task

from ledger.services import (
    denials,
    erasures,
    exports,
    gaps,
    heads,
    housekeeping,
    import_jobs,
    jobs,
    refusals,
    retention,
    seal,
    seal_jobs,
    system_events,
    system_index,
    verifying,
)


@shared_task
def seal_due() -> int:
    """Close what is full or old."""
    return seal.seal_due()


@shared_task
def log_heads() -> int:
    """Enter new checkpoints in the log of heads."""
    return heads.log_heads()


@shared_task
def seal_stream(stream_id: int) -> None:
    """Close one stream's window on request."""
    seal.seal_window(stream_id, reason="request")


@shared_task
def run_export(public_id: str) -> None:
    """Carry out an export job."""
    exports.run_export(uuid.UUID(public_id))


@shared_task
def run_verify(public_id: str) -> None:
    """Carry out a verification job."""
    verifying.run_verify(uuid.UUID(public_id))


@shared_task
def run_import(public_id: str) -> None:
    """Carry out an import job."""
    import_jobs.run_import(uuid.UUID(public_id))


@shared_task
def run_seal(public_id: str) -> None:
    """Carry out a seal job."""
    seal_jobs.run_seal(uuid.UUID(public_id))


@shared_task
def sweep_jobs() -> int:
    """Enqueue again what was lost."""
    lost = jobs.sweep()
    for job in lost:
        RUNNERS[job.kind].delay(str(job.public_id))
    return len(lost)


@shared_task
def sweep_refusals() -> int:
    """Record what triggers refused."""
    return refusals.sweep_refusals()


@shared_task
def index_system() -> int:
    """Take new events of the platform into the columns by which they are searched."""
    return system_index.index_system()


@shared_task
def flush_denials() -> int:
    """Enter the denials of minutes that are over."""
    return denials.flush()


@shared_task
def flush_spool() -> int:
    """Enter what was noted while the database was away."""
    return system_events.flush_spool()


@shared_task
def finish_erasures() -> int:
    """Go on with erasures that were begun."""
    return erasures.finish_open()


@shared_task
def request_retention() -> int:
    """Ask for a run wherever something is older than declared."""
    return retention.request_due()


@shared_task
def run_retention(public_id: str) -> None:
    """Carry out a run of retention."""
    retention.run_retention(uuid.UUID(public_id))


@shared_task
def look_for_gaps() -> int:
    """Tell of gaps at the source."""
    return gaps.scan_all()


@shared_task
def tidy() -> int:
    """Forget what has expired."""
    return housekeeping.tidy()


RUNNERS = {
    "export": run_export,
    "retention": run_retention,
    "verify": run_verify,
    "import": run_import,
    "seal": run_seal,
}
