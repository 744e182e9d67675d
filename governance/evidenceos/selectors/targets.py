"""Targets for those for whom they exist: the platform's readers see all of them, a tenant's people their tenant's.

Guarantees that a target outside of a reader's scope is as unknown as none.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from governance.evidenceos.errors_of_targets import TargetRefused, TargetUnknown
from governance.evidenceos.files.snapshot import Snapshot, taken
from governance.evidenceos.models import Target
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Role
from governance.identity.models import Membership

READERS = frozenset({
    Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR, Role.COMPLIANCE_OFFICER,
    Role.INTERNAL_AUDITOR, Role.TENANT_ADMIN,
})  # fmt: skip


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
    rows = Target.objects.select_related("tenant").prefetch_related("sightings", "plans")
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
    row = Target.objects.select_related("tenant").filter(slug=slug).first()
    if row is None:
        raise _unknown(slug)
    return view_of(row)


def all_targets() -> list[TargetView]:
    """Every target: for commands and tasks."""
    return [view_of(row) for row in Target.objects.select_related("tenant")]


def view_of(row: Target) -> TargetView:
    """The view of a row that came with its tenant."""
    return TargetView(
        id=row.pk, public_id=row.public_id, slug=row.slug, words=row.words, path=Path(row.path),
        tenant=None if row.tenant is None else str(row.tenant.public_id),
        tenant_name="the platform" if row.tenant is None else row.tenant.name,
        reload=str(row.reload), log_file=row.log_file, is_production=row.is_production,
        epoch_seconds=row.epoch_seconds, adopted=row.adopted,
        drifted=sum(one.ended is None for one in row.sightings.all()),
        unwritten=sum(one.state == "planned" for one in row.plans.all()),
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
