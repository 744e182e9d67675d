"""Jobs: created in the database first, claimed with a lease and a fencing number, finished by the claim that
holds.

Guarantees that of two workers with the same job only the later claim can write: each claim raises `fencing`,
and every write names it. What a broker loses, `sweep` finds again. Times are the database's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from ledger.errors import JobConflict, LedgerError, NotThere
from ledger.models import Job, JobNote, JobState
from ledger.selectors.jobs import JobView, job_view
from ledger.services.ids import fresh_id

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MAX_SWEPT = 1_000
MAX_NOTES = 1_000
RUNNING_PER_NAMESPACE = 1
"""Jobs of one kind that a namespace has carried out at once; the others wait, in order."""
LOST_AFTER = timedelta(seconds=15)
"""A queued job this old has probably lost its message."""
_IN_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('ledger_job' || %s, 0))"
OPEN = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write to a job until another claim is made."""

    job: JobView
    fencing: int

    def rows(self) -> QuerySet[Job]:
        """The row, if this claim still holds it."""
        return Job.objects.filter(pk=self.job.id, state=JobState.RUNNING, fencing=self.fencing)


def create(
    kind: str,
    *,
    actor: str,
    params: dict[str, Any],
    namespace: str = "",
    total: int | None = None,
    unit: str = "",
) -> JobView:
    """Enter a job, in the caller's transaction; enqueue its id only after the commit. `unit` is a plural
    noun.
    """
    row = Job(
        public_id=fresh_id(), kind=kind, namespace=namespace, actor=actor, params=params, total=total,
        unit=unit,         created=Now(),
    )  # fmt: skip
    row.save(force_insert=True)
    row.refresh_from_db()
    return job_view(row)


def claim(public_id: uuid.UUID, lease: timedelta = LEASE) -> Claim | None:
    """Claim a job that waits or whose lease has run out; None where another worker holds it or it has
    ended.
    """
    with transaction.atomic():
        row = Job.objects.select_for_update().filter(public_id=public_id).first()
        if row is None:
            raise NotThere("There is no such job", why=str(public_id))
        claimed = Job.objects.filter(_waiting(), pk=row.pk).update(
            state=JobState.RUNNING, fencing=F("fencing") + 1, attempts=F("attempts") + 1,
            lease_until=Now() + lease, heartbeat=Now(), started=Now(), done=0,
        )  # fmt: skip
        row.refresh_from_db()
        if claimed:
            note(
                row.pk, "a worker took it up" if row.attempts == 1 else f"a worker took it up again, try {row.attempts}"
            )
    return Claim(job_view(row), row.fencing) if claimed else None


def claim_turn(public_id: uuid.UUID, running: int = RUNNING_PER_NAMESPACE) -> Claim | None:
    """Claim the job whose turn it is among those of this job's kind and namespace: the oldest that waits, or lost its
    worker, while fewer than `running` are carried out. None where all have to wait. A message is a reason to look.
    """
    with transaction.atomic():
        asked = Job.objects.filter(public_id=public_id).first()
        if asked is None:
            raise NotThere("There is no such job", why=str(public_id))
        with connection.cursor() as cursor:
            cursor.execute(_IN_TURN, (f"{asked.kind}\n{asked.namespace}",))
        peers = Job.objects.filter(kind=asked.kind, namespace=asked.namespace)
        if peers.filter(state=JobState.RUNNING, lease_until__gte=Now()).count() >= running:
            return None
        turn = peers.filter(_waiting()).order_by("id").first()
        return claim(turn.public_id) if turn is not None else None


def next_of(held: Claim) -> JobView | None:
    """The oldest job that waits for the end of this one: of the same kind and namespace."""
    peers = Job.objects.filter(kind=held.job.kind, namespace=held.job.namespace, state=JobState.QUEUED)
    row = peers.order_by("id").first()
    return job_view(row) if row is not None else None


def heartbeat(held: Claim, lease: timedelta = LEASE) -> None:
    """Extend the lease; raises JobConflict where the job was cancelled or claimed by another worker."""
    _written(held, heartbeat=Now(), lease_until=Now() + lease)


def progress(held: Claim, done: int, *, total: int | None = None, message: str | None = None) -> None:
    """Tell how far the job is, and extend the lease; raises JobConflict as `heartbeat` does."""
    told: dict[str, Any] = {"done": done, "heartbeat": Now(), "lease_until": Now() + LEASE}
    is_news = message is not None and held.rows().exclude(message=message[:255]).exists()
    told |= {} if total is None else {"total": total}
    told |= {} if message is None else {"message": message[:255]}
    _written(held, **told)
    if message and is_news:
        note(held.job.id, message)


def note(job_id: int, text: str) -> None:
    """Add a line to the job's log; beyond 1,000 lines nothing is added."""
    if JobNote.objects.filter(job_id=job_id).count() < MAX_NOTES:
        JobNote.objects.create(job_id=job_id, at=Now(), text=text[:255])


def finish(held: Claim, result: dict[str, Any]) -> None:
    """End the job with its result; raises JobConflict."""
    _written(held, state=JobState.DONE, result=result, finished=Now(), heartbeat=Now(), lease_until=None)
    note(held.job.id, "done")


def fail(held: Claim, error: LedgerError | dict[str, Any]) -> None:
    """End the job with an error that people can read; raises JobConflict."""
    told = error_json(error) if isinstance(error, LedgerError) else error
    _written(held, state=JobState.FAILED, error=told, finished=Now(), heartbeat=Now(), lease_until=None)
    note(held.job.id, f"failed: {told.get('what', '')}")


def cancel(public_id: uuid.UUID, *, by: str = "") -> None:
    """Cancel a job that has not ended; a worker learns it at its next write. Raises JobConflict."""
    rows = Job.objects.filter(public_id=public_id, state__in=OPEN)
    if not rows.update(state=JobState.CANCELLED, finished=Now(), lease_until=None):
        raise JobConflict("The job has ended already, or never was", why=str(public_id))
    found = Job.objects.get(public_id=public_id)
    note(found.pk, f"cancelled by {by}" if by else "cancelled")


def sweep() -> list[JobView]:
    """Jobs to enqueue again: long queued, or running without a lease; those tried too often are failed.

    One for each kind and namespace, the oldest: the others have their turn after it, and no crowd keeps others out.
    """
    lost = Q(state=JobState.QUEUED, created__lt=Now() - LOST_AFTER) | Q(state=JobState.RUNNING, lease_until__lt=Now())
    gone = {"code": "abandoned", "what": "The job was begun too often without an end",
            "why": "its workers stopped",
            "next": "Read the workers' log, then ask for it again."}  # fmt: skip
    Job.objects.filter(lost, attempts__gte=MAX_ATTEMPTS).update(state=JobState.FAILED, error=gone, finished=Now())
    oldest = Job.objects.filter(lost).order_by("kind", "namespace", "id").distinct("kind", "namespace")
    return [job_view(row) for row in oldest[:MAX_SWEPT]]


def error_json(error: LedgerError) -> dict[str, Any]:
    """An error as it is stored with a job: code, what, why, next."""
    return {"code": error.code, "what": error.what, "why": error.why, "next": error.next_step}


def _waiting() -> Q:
    return Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=Now())


def _written(held: Claim, **values: Any) -> None:
    if not held.rows().update(**values):
        raise JobConflict("The job was cancelled or is held by another worker", why=str(held.job.public_id))
