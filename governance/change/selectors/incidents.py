"""Incidents for those who may see them: a tenant's for its people, the platform's for who reads all changes.

Guarantees that an incident outside of a reader's scope is as unknown as none.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from governance.change.errors import IncidentUnknown
from governance.change.models import Incident
from governance.change.selectors.changes import Scope, rows_by_id
from governance.change.selectors.last_moment import IncidentView, incident_view, incidents
from governance.change.selectors.people import CONTAINERS
from governance.identity.models import Tenant
from governance.identity.selectors.tenants import MembershipView


def incidents_in(scope: Scope, *, is_open: bool | None = None, limit: int = 50) -> list[IncidentView]:
    """The newest that are within the scope, the open ones first: by their change where they have one."""
    found = incidents(is_open=is_open, limit=limit)
    rows = rows_by_id(scope, [one.change for one in found if one.change])
    shown = [one for one in found if (one.change in rows if one.change else _within(scope, one.tenant))]
    return sorted(shown, key=lambda one: one.closed is not None)


def incident_in(scope: Scope, public_id: uuid.UUID) -> IncidentView:
    """One of them; raises IncidentUnknown alike for none and for one outside of the scope."""
    row = Incident.objects.filter(public_id=public_id).first()
    if row is None or not _within(scope, row.tenant):
        raise IncidentUnknown("There is no such incident", why=str(public_id))
    return incident_view(row)


def places_for(memberships: Collection[MembershipView]) -> list[tuple[str, str]]:
    """For whom somebody with these roles may open an incident, as public id ('' for the platform) and name."""
    held = {one.tenant for one in memberships if one.role in CONTAINERS}
    if not held:
        return []
    rows = Tenant.objects.order_by("name", "id")
    if None not in held:
        rows = rows.filter(slug__in=held)
    tenants = [(str(row.public_id), row.name) for row in rows]
    return [("", "the platform"), *tenants] if None in held else tenants


def _within(scope: Scope, tenant: str | None) -> bool:
    return scope.everything or tenant in scope.tenants
