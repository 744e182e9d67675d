"""Bundle requests and their files."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from ledger.core.bundle import Disclosure, Period
from ledger.errors import NotThere
from ledger.models import Bundle
from ledger.models.bundle import BundleOutcome
from ledger.selectors.keyset import Order, behind
from ledger.storage import store


@dataclass(frozen=True, slots=True)
class BundleView:
    """A request and what came of it. `first` and `last` are both inside; `note` is the frozen head.

    `disclose` names the roles shown (`attrs`, `payload`, `receipts`); `file` is empty until it is written; `decisions`
    is the size of the log of decisions that travels along, None where no leaf names one.
    """

    id: int
    public_id: uuid.UUID
    job_id: uuid.UUID
    namespace: str
    stream: str
    stream_id: int
    actor: str
    created: datetime
    first: int
    last: int
    head_size: int
    note: bytes
    period: Period | None
    disclose: tuple[str, ...]
    file: str
    file_size: int | None
    file_sha256: str
    bundle_id: str
    outcome: str | None
    report: dict[str, Any] | None
    finished: datetime | None
    decisions: int | None = None

    @property
    def disclosure(self) -> Disclosure:
        """What the bundle means to show beside the leaves."""
        return Disclosure(
            receipts="receipts" in self.disclose,
            attrs="attrs" in self.disclose,
            payloads="payload" in self.disclose,
        )


def bundle(public_id: uuid.UUID) -> BundleView:
    """The bundle of that id; raises NotThere."""
    return _one(public_id=public_id)


def bundle_of_job(job_id: uuid.UUID) -> BundleView:
    """The bundle that a job is to write; raises NotThere."""
    return _one(job__public_id=job_id)


def bundles_of(namespaces: Collection[str], after: uuid.UUID | None = None, limit: int = 50) -> list[BundleView]:
    """Bundles of these namespaces, the newest first, behind the one of them with the id `after`.

    Another's id is as unknown as one that was never given: nothing follows it.
    """
    rows = Bundle.objects.select_related("stream", "job").filter(stream__namespace__in=namespaces)
    if after is not None:
        mine = Bundle.objects.filter(stream__namespace__in=namespaces, public_id=after)
        rows = rows.filter(id__lt=mine.values("id"))
    return [view_of(row) for row in rows.order_by("-id")[:limit]]


ORDERS = {
    "created": Order((("created", datetime), ("public_id", uuid.UUID))),
    "stream": Order((("stream__namespace", str), ("stream__name", str), ("public_id", uuid.UUID))),
}
"""Orders of the list of bundles, ascending."""


def bundle_rows(
    namespaces: Collection[str], order: Order, after: Sequence[Any] | None, limit: int, filters: Mapping[str, str]
) -> list[BundleView]:
    """Bundles of these namespaces; `filters` by `outcome` (an outcome, or `open`), `namespace`, `stream`, `actor`."""
    rows = Bundle.objects.select_related("stream", "job").filter(stream__namespace__in=namespaces)
    names = {"namespace": "stream__namespace", "stream": "stream__name", "actor": "actor", "outcome": "outcome"}
    asked = {names[name]: value for name, value in filters.items() if value}
    if asked.get("outcome") == "open":
        asked.pop("outcome")
        rows = rows.filter(outcome__isnull=True)
    return [view_of(row) for row in behind(rows.filter(**asked), order, after)[:limit]]


def newest_holding(stream_id: int, index: int) -> BundleView | None:
    """The newest verified bundle whose range holds the leaf; None where no bundle does."""
    rows = Bundle.objects.select_related("stream", "job").filter(
        stream_id=stream_id, first_index__lte=index, last_index__gte=index, outcome=BundleOutcome.VERIFIED
    )
    row = rows.order_by("-id").first()
    return None if row is None else view_of(row)


def open_file(view: BundleView) -> BinaryIO:
    """The .tar.gz as a stream; raises NotThere while it is not written."""
    if not view.file:
        raise NotThere("The bundle is not written yet", next_step="Wait for its job to be done.")
    return store().open(view.file)


def view_of(row: Bundle) -> BundleView:
    """The view of a row that came with its stream and job."""
    return BundleView(
        id=row.pk,
        public_id=row.public_id,
        job_id=row.job.public_id,
        namespace=row.stream.namespace,
        stream=row.stream.name,
        stream_id=row.stream_id,
        actor=row.actor,
        created=row.created,
        first=row.first_index,
        last=row.last_index,
        head_size=row.head_size,
        note=bytes(row.note),
        period=Period(**row.filters) if row.filters else None,
        disclose=tuple(role for role, shown in row.disclose.items() if shown),
        file=row.file,
        file_size=row.file_size,
        file_sha256=row.file_sha256,
        bundle_id=row.bundle_id,
        outcome=row.outcome,
        report=row.report,
        finished=row.finished,
        decisions=row.decisions_size,
    )


def _one(**condition: Any) -> BundleView:
    row = Bundle.objects.select_related("stream", "job").filter(**condition).first()
    if row is None:
        raise NotThere("There is no such bundle")
    return view_of(row)
