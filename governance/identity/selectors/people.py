"""People with everything that a decision asks about them: roles, groups, keys, cool-downs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, TextField, Value
from django.db.models.functions import JSONObject

from governance.identity.core.person_keys import Custody, KeyState, KeyUse
from governance.identity.core.roles import Role
from governance.identity.models.approver_group import GroupMember
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from governance.identity.selectors.person_keys import PersonKeyView
from ledger.errors import NotThere

RolePlace = tuple[Role, uuid.UUID | None]
"""A role, and the public id of its tenant (None: the platform)."""
Seat = tuple[str, datetime]
"""An approver group, and since when the place in it counts."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as they are now; `seats` are the groups in which they count, with the role approver at the group's
    home, by id, each since when both have been held without a gap; `keys` those that count or counted.
    """

    public_id: uuid.UUID
    name: str
    live: bool
    unit: str
    barred_until: datetime | None
    roles: frozenset[RolePlace]
    seats: tuple[Seat, ...]
    keys: tuple[PersonKeyView, ...]
    unit_since: datetime | None = None

    @property
    def groups(self) -> frozenset[str]:
        """The groups by their ids."""
        return frozenset(group for group, _ in self.seats)

    def holds(self, role: Role) -> bool:
        """Whether they hold the role anywhere."""
        return any(held is role for held, _ in self.roles)


def people(now: datetime, only: Iterable[str] | None = None) -> tuple[PersonView, ...]:
    """Everybody (or `only` those with these public ids), in the order in which they were entered: one query."""
    rows = Person.objects.order_by("id")
    if only is not None:
        rows = rows.filter(public_id__in=[*only])
    found = rows.annotate(held=_roles(now), places=_places(), all_keys=_keys())
    return tuple(map(_view, found))


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


def _roles(now: datetime) -> ArraySubquery:
    held = Membership.objects.live(now).filter(person=OuterRef("pk")).order_by("pk")
    return ArraySubquery(held.values(one=JSONObject(role="role", tenant="tenant__public_id", created="created")))


def _places() -> ArraySubquery:
    seats = GroupMember.objects.filter(person=OuterRef("pk"), revoked__isnull=True).order_by("pk")
    return ArraySubquery(
        seats.values(one=JSONObject(group="group_id", tenant="group__tenant__public_id", created="created"))
    )


def _keys() -> ArraySubquery:
    """Those that count or counted; pending ones are not among them."""
    rows = PersonKey.objects.filter(person=OuterRef("pk"), since__isnull=False).order_by("pk")
    plain = {name: name for name in _PLAIN}
    return ArraySubquery(
        rows.values(one=JSONObject(**plain, public=_hex("public"), possession=_hex("possession"), old="replaces__kid"))
    )


def _hex(column: str) -> Func:
    return Func(F(column), Value("hex"), function="encode", output_field=TextField())


_PLAIN = (
    "public_id", "kid", "use", "custody", "name", "state", "since", "until", "active_from", "revoked_at", "created",
)  # fmt: skip


def _view(row: Any) -> PersonView:  # a Person with the three annotations
    approves = {one["tenant"]: one["created"] for one in row.held if one["role"] == Role.APPROVER.value}
    return PersonView(
        public_id=row.public_id,
        name=row.display_name,
        live=row.is_active,
        unit=row.unit,
        barred_until=row.barred_until,
        roles=frozenset((Role(one["role"]), _uuid(one["tenant"])) for one in row.held),
        seats=tuple(sorted(_seats(row.places, approves if row.is_active else {}))),
        keys=tuple(_key(row.public_id, one) for one in row.all_keys),
        unit_since=row.unit_since,
    )


def _seats(rows: list[dict[str, str]], approves: dict[str | None, str]) -> Iterator[Seat]:
    for one in rows:
        if one["tenant"] in approves:
            since = datetime.fromisoformat(approves[one["tenant"]])
            yield one["group"], max(datetime.fromisoformat(one["created"]), since)


def _key(person: uuid.UUID, told: dict[str, Any]) -> PersonKeyView:
    return PersonKeyView(
        public_id=uuid.UUID(told["public_id"]),
        person=person,
        kid=told["kid"],
        public=bytes.fromhex(told["public"]),
        use=KeyUse(told["use"]),
        custody=Custody(told["custody"]),
        name=told["name"],
        state=KeyState(told["state"]),
        since=told["since"],
        until=told["until"],
        active_from=_moment(told["active_from"]),
        revoked_at=_moment(told["revoked_at"]),
        replaces=told["old"],
        possession=bytes.fromhex(told["possession"]),
        created=datetime.fromisoformat(told["created"]),
    )


def _uuid(text: str | None) -> uuid.UUID | None:
    return None if text is None else uuid.UUID(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
