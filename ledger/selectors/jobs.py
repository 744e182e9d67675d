"""Jobs as pages and API show them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.errors import NotThere
from ledger.models import Job, JobNote
from ledger.selectors.keyset import Order, behind


@dataclass(frozen=True, slots=True)
class JobView:
    """A job's progress. `rate` is in units a second since it started; `error` holds code, what, why and
    next.
    """

    id: int
    public_id: uuid.UUID
    kind: str
    namespace: str
    actor: str
    params: dict[str, Any]
    state: str
    done: int
    total: int | None
    unit: str
    rate: float | None
    message: str
    created: datetime
    started: datetime | None
    finished: datetime | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


def job(public_id: uuid.UUID) -> JobView:
    """The job of that id; raises NotThere."""
    row = Job.objects.filter(public_id=public_id).first()
    if row is None:
        raise NotThere("There is no such job")
    return job_view(row)


def job_by_id(job_id: int) -> JobView:
    """The job of that internal id; raises NotThere."""
    row = Job.objects.filter(pk=job_id).first()
    if row is None:
        raise NotThere("There is no such job")
    return job_view(row)


def jobs_in(namespaces: Collection[str], limit: int = 50) -> list[JobView]:
    """The newest jobs of these namespaces."""
    rows = Job.objects.filter(namespace__in=namespaces).order_by("-id")[:limit]
    return [job_view(row) for row in rows]


ORDERS = {
    "created": Order((("created", datetime), ("public_id", uuid.UUID))),
    "kind": Order((("kind", str), ("created", datetime), ("public_id", uuid.UUID))),
    "state": Order((("state", str), ("created", datetime), ("public_id", uuid.UUID))),
}
"""Orders of the list of jobs, ascending."""


def job_rows(
    namespaces: Collection[str], order: Order, after: Sequence[Any] | None, limit: int, filters: Mapping[str, str]
) -> list[JobView]:
    """Jobs of these namespaces; `filters` by `kind`, `state`, `namespace`, `actor`."""
    asked = {name: value for name, value in filters.items() if value}
    rows = Job.objects.filter(namespace__in=namespaces).filter(**asked)
    return [job_view(row) for row in behind(rows, order, after)[:limit]]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A line of a job's log."""

    at: datetime
    text: str


def notes_of(job: JobView, limit: int = 20) -> list[NoteView]:
    """The last lines of a job's log, the oldest of them first."""
    rows = JobNote.objects.filter(job_id=job.id).order_by("-id").values_list("at", "text")[:limit]
    return [NoteView(*row) for row in reversed(rows)]


def is_open(kind: str, namespace: str, stream: str) -> uuid.UUID | None:
    """The id of a job of this kind over this stream that has not ended; None where there is none."""
    rows = Job.objects.filter(kind=kind, namespace=namespace, state__in=("queued", "running"), params__stream=stream)
    return rows.values_list("public_id", flat=True).first()


def done_of(kind: str, public_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these jobs of this kind that are done."""
    rows = Job.objects.filter(kind=kind, state="done", public_id__in=public_ids)
    return set(rows.values_list("public_id", flat=True))


def job_view(row: Job) -> JobView:
    """The view of a row."""
    return JobView(
        id=row.pk,
        public_id=row.public_id,
        kind=row.kind,
        namespace=row.namespace,
        actor=row.actor,
        params=row.params,
        state=row.state,
        done=row.done,
        total=row.total,
        unit=row.unit,
        rate=_rate(row),
        message=row.message,
        created=row.created,
        started=row.started,
        finished=row.finished,
        result=row.result,
        error=row.error,
    )


def _rate(row: Job) -> float | None:
    until = row.finished or row.heartbeat
    if row.started is None or until is None or until <= row.started or not row.done:
        return None
    return row.done / (until - row.started).total_seconds()
