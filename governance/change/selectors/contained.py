"""What restricts everybody now: freezes and open incidents, with the tenants that they name. Two queries, or three."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.change.models import Incident
from governance.change.selectors.last_moment import FreezeView, freezes
from governance.identity.models import Tenant

_TENANT = "tenant:"


@dataclass(frozen=True, slots=True)
class Contained:
    """Freezes, each with slug and name of its tenant (None: the platform); how many incidents are open, and how many of
    them because power was used in an emergency.
    """

    freezes: tuple[tuple[FreezeView, tuple[str, str] | None], ...]
    incidents: int
    emergencies: int


def contained(now: datetime) -> Contained:
    """As of `now`."""
    found = freezes(now)
    scopes = [one.scope.removeprefix(_TENANT) for one in found if one.scope.startswith(_TENANT)]
    rows = Tenant.objects.filter(public_id__in=scopes) if scopes else ()
    names = {f"{_TENANT}{row.public_id}": (row.slug, row.name) for row in rows}
    still = list(Incident.objects.filter(closed__isnull=True).values_list("change", flat=True))
    emergencies = sum(change is not None for change in still)
    return Contained(tuple((one, names.get(one.scope)) for one in found), len(still), emergencies)
