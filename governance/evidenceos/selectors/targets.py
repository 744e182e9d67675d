"""Targets for those for whom they exist: the platform's readers see all of them, a tenant's people their tenant's.

Guarantees that a target outside of a reader's scope is as unknown as none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.evidenceos.errors_of_targets import TargetRefused, TargetUnknown
from governance.evidenceos.files.snapshot import Snapshot, taken
from governance.evidenceos.models import Plan, PlanState, Sighting, Target
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Role
from governance.identity.models import Membership

READERS = frozenset({
    Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR, Role.COMPLIANCE_OFFICER,
    Role.INTERNAL_AUDITOR, Role.TENANT_ADMIN,
})  # fmt: skip

_REMEMBERED: Final[ContextVar[Mapping[str, TargetView]]] = ContextVar("targets", default={})  # noqa: B039  (never filled)


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target; `tenant` is a public id, None for the platform's own; `reload` is none, signal or command."""

    id: int
    public_id: uuid.UUID
    slug: str
    words: str
    path: Path
    tenant: str | None
    tenant_name: str
    reload: str
    log_file: str
    is_production: bool
    epoch_seconds: int | None
    adopted: datetime | None
    drifted: int
    unwritten: int


def targets(reader: Principal, now: datetime) -> list[TargetView]:
    """Every target that exists for the reader, by name."""
    everything, tenants = _scope(reader, now)
    rows = _rows()
    if not everything:
        rows = rows.filter(tenant__public_id__in=tenants)
    return [view_of(row) for row in rows]


def target(reader: Principal, slug: str, now: datetime) -> TargetView:
    """One of them; raises TargetUnknown."""
    found = next((one for one in targets(reader, now) if one.slug == slug), None)
    if found is None:
        raise _unknown(slug)
    return found


def any_target(slug: str) -> TargetView:
    """The target of this name, whoever asks: for commands, tasks and changes. Raises TargetUnknown."""
    if (known := _REMEMBERED.get().get(slug)) is not None:
        return known
    row = _rows().filter(slug=slug).first()
    if row is None:
        raise _unknown(slug)
    return view_of(row)


def all_targets() -> list[TargetView]:
    """Every target, by name: for commands and tasks, and for whoever leaves out what does not exist for a reader."""
    return [view_of(row) for row in _rows()]


@contextmanager
def remembered(rows: Iterable[TargetView]) -> Iterator[None]:
    """Within, `any_target` answers from these rows where they have it: for what is computed and asks often, and writes
    nothing.
    """
    token = _REMEMBERED.set({row.slug: row for row in rows})
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def view_of(row: Target) -> TargetView:
    """The view of a row of `_rows`: with its tenant, and with both counts."""
    return TargetView(
        id=row.pk, public_id=row.public_id, slug=row.slug, words=row.words, path=Path(row.path),
        tenant=None if row.tenant is None else str(row.tenant.public_id),
        tenant_name="the platform" if row.tenant is None else row.tenant.name,
        reload=str(row.reload), log_file=row.log_file, is_production=row.is_production,
        epoch_seconds=row.epoch_seconds, adopted=row.adopted,
        drifted=row.drifted, unwritten=row.unwritten,  # type: ignore[attr-defined]  # annotated
    )  # fmt: skip


def snapshot(one: TargetView, now: datetime, *, whole: bool = False) -> Snapshot:
    """What the directory holds now, verified; raises TargetUnreadable. `whole` reads the log too."""
    return taken(one.path, now=int(now.timestamp()), whole=whole)


def problem(one: TargetView, now: datetime) -> TargetRefused | None:
    """Why the directory cannot be read now; None where it can."""
    try:
        snapshot(one, now)
    except TargetRefused as error:
        return error
    return None


def _rows() -> QuerySet[Target]:
    """Targets with how many sightings last and how many plans are not written, in one question."""
    lasting = Sighting.objects.filter(target=OuterRef("pk"), ended__isnull=True)
    planned = Plan.objects.filter(target=OuterRef("pk"), state=PlanState.PLANNED)
    counts = {"drifted": _count(lasting), "unwritten": _count(planned)}
    return Target.objects.select_related("tenant").annotate(**counts)


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("target").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def _scope(reader: Principal, now: datetime) -> tuple[bool, frozenset[uuid.UUID]]:
    if reader.kind is PrincipalKind.MACHINE:
        return True, frozenset()
    if reader.kind is not PrincipalKind.PERSON:
        return False, frozenset()
    held = Membership.objects.live(now).filter(
        person__public_id=uuid.UUID(reader.actor.removeprefix("person:")), person__is_active=True,
        role__in=[role.value for role in READERS],
    )  # fmt: skip
    places: set[uuid.UUID | None] = {*held.values_list("tenant__public_id", flat=True)}
    return None in places, frozenset(one for one in places if one is not None)


def _unknown(slug: str) -> TargetUnknown:
    return TargetUnknown("There is no such target", why=slug[:80])
