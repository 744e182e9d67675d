"""People with everything that a decision asks about them: roles, groups, keys, cool-downs."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.identity.core.roles import Role
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from governance.identity.selectors.groups import groups_by_person
from governance.identity.selectors.person_keys import PersonKeyView, keys_by_person
from ledger.errors import NotThere

RolePlace = tuple[Role, uuid.UUID | None]
"""A role, and the public id of its tenant (None: the platform)."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as they are now; `groups` are those in which they count, `keys` those that count or counted."""

    public_id: uuid.UUID
    name: str
    live: bool
    unit: str
    barred_until: datetime | None
    roles: frozenset[RolePlace]
    groups: frozenset[str]
    keys: tuple[PersonKeyView, ...]

    def holds(self, role: Role) -> bool:
        """Whether they hold the role anywhere."""
        return any(held is role for held, _ in self.roles)


def people(now: datetime) -> tuple[PersonView, ...]:
    """Everybody, in the order in which they were entered: four queries, however many people there are."""
    roles, groups, keys = _roles(now), groups_by_person(now), keys_by_person()
    return tuple(
        PersonView(
            public_id=row.public_id,
            name=row.display_name,
            live=row.is_active,
            unit=row.unit,
            barred_until=row.barred_until,
            roles=roles.get(row.public_id, frozenset()),
            groups=groups.get(row.public_id, frozenset()),
            keys=keys.get(row.public_id, ()),
        )
        for row in Person.objects.order_by("id")
    )


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names of those among `actors` that are people, by `person:<uuid>`; programs and unknown ones are left out."""
    wanted = [found for actor in actors if (found := _public_id(actor)) is not None]
    rows = Person.objects.filter(public_id__in=wanted) if wanted else ()
    return {row.actor: row.display_name for row in rows}


def _public_id(actor: str) -> uuid.UUID | None:
    kind, _, text = actor.partition(":")
    try:
        return uuid.UUID(text) if kind == "person" else None
    except ValueError:
        return None


def person_row(public_id: uuid.UUID | str) -> Person:
    """The row of a person, for an action; raises NotThere."""
    try:
        return Person.objects.get(public_id=uuid.UUID(str(public_id)))
    except (Person.DoesNotExist, ValueError) as unknown:
        raise NotThere("There is no such person", why=str(public_id)[:80]) from unknown


def _roles(now: datetime) -> dict[uuid.UUID, frozenset[RolePlace]]:
    found: dict[uuid.UUID, set[RolePlace]] = defaultdict(set)
    rows = Membership.objects.live(now).values_list("person__public_id", "role", "tenant__public_id")
    for person, role, tenant in rows:
        found[person].add((Role(role), tenant))
    return {person: frozenset(held) for person, held in found.items()}
