"""People as those see them who invite and administer: who there is, with which roles, keys and open tickets."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django_otp_webauthn.models import WebAuthnCredential

from governance.identity.core.person_keys import KeyState
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from governance.identity.models.second_factor import Authenticator
from governance.identity.models.session import Session
from governance.identity.models.ticket import Ticket
from governance.identity.selectors.groups import groups_of
from governance.identity.selectors.person_keys import PersonKeyView, keys_of
from governance.identity.selectors.tenants import MembershipView, membership_view


@dataclass(frozen=True, slots=True)
class Seen:
    """Whom a reader may see: everybody, or the people of `tenants` (slugs) and those whom `actor` invited."""

    everybody: bool
    tenants: frozenset[str]
    actor: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list; `begun` is whether they ever set a password, `invited` until when a ticket is open, `seen`
    when a page was opened for them last, and `has_factor` whether a second factor is left (recovery codes are none).
    """

    public_id: uuid.UUID
    name: str
    email: str
    live: bool
    begun: bool
    invited: datetime | None
    roles: tuple[MembershipView, ...]
    keys: int
    seen: datetime | None
    entered: datetime
    has_factor: bool

    @property
    def ends(self) -> tuple[MembershipView, ...]:
        """The roles that end, the next one first."""
        return tuple(sorted((one for one in self.roles if one.expires is not None), key=lambda one: str(one.expires)))


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket that still opens something."""

    public_id: uuid.UUID
    purpose: str
    created: datetime
    expires: datetime


def people_seen(seen: Seen, now: datetime) -> tuple[PersonRow, ...]:
    """The people of `seen`, in the order of their names: four queries."""
    rows = list(_visible(seen, now).order_by("display_name", "id"))
    ids = [row.pk for row in rows]
    roles, tickets, keys = _roles(ids, now), _tickets(ids, now), _keys(ids)
    return tuple(
        PersonRow(
            public_id=row.public_id, name=row.display_name, email=row.email, live=row.is_active,
            begun=row.has_usable_password(), invited=tickets.get(row.pk), roles=roles.get(row.pk, ()),
            keys=keys.get(row.pk, 0), seen=row.last_seen, entered=row.created, has_factor=row.has_factor,
        )
        for row in rows
    )  # fmt: skip


def person_seen(seen: Seen, public_id: uuid.UUID, now: datetime) -> Person | None:
    """One of them, with `last_seen` and `has_factor` as in the list, or None for whoever is not to be seen."""
    return _visible(seen, now).filter(public_id=public_id).first()


def details_of(
    person: Person, now: datetime
) -> tuple[tuple[MembershipView, ...], frozenset[str], tuple[PersonKeyView, ...], tuple[TicketView, ...]]:
    """Roles, groups, keys and open tickets of a person."""
    tickets = Ticket.objects.live(now).filter(person=person)
    views = tuple(TicketView(row.public_id, row.purpose, row.created, row.expires) for row in tickets)
    return _roles([person.pk], now).get(person.pk, ()), groups_of(person, now), keys_of(person), views


def ticket_row(person: Person, public_id: uuid.UUID) -> Ticket | None:
    """A ticket of a person, for an action."""
    return Ticket.objects.select_related("person").filter(person=person, public_id=public_id).first()


def _visible(seen: Seen, now: datetime) -> QuerySet[Any]:
    rows = Person.objects.annotate(last_seen=_last_seen(), has_factor=_has_factor())
    if seen.everybody:
        return rows
    members = Membership.objects.live(now).filter(tenant__slug__in=seen.tenants).values("person")
    invited = Ticket.objects.filter(created_by=seen.actor).values("person")
    return rows.filter(Q(pk__in=members) | Q(pk__in=invited))


def _last_seen() -> Subquery:
    return Subquery(Session.objects.filter(person=OuterRef("pk")).order_by("-seen").values("seen")[:1])


def _has_factor() -> Q:
    kinds = (Authenticator, WebAuthnCredential)
    one, other = (Exists(kind.objects.filter(user=OuterRef("pk"), confirmed=True)) for kind in kinds)
    return Q(one | other)


def _roles(ids: Collection[int], now: datetime) -> dict[int, tuple[MembershipView, ...]]:
    found: dict[int, tuple[MembershipView, ...]] = {}
    for row in Membership.objects.live(now).filter(person__in=ids).select_related("tenant"):
        found[row.person_id] = (*found.get(row.person_id, ()), membership_view(row))
    return found


def _tickets(ids: Collection[int], now: datetime) -> dict[int, datetime]:
    rows = Ticket.objects.live(now).filter(person__in=ids)
    return dict(rows.values_list("person", "expires"))


def _keys(ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    rows = PersonKey.objects.filter(person__in=ids, state=KeyState.ACTIVE.value).order_by()
    for person in rows.values_list("person", flat=True):
        found[person] = found.get(person, 0) + 1
    return found


def invited_by(actor: str) -> frozenset[uuid.UUID]:
    """Public ids of those for whom `actor` made a link, whatever they are by now."""
    rows = Ticket.objects.filter(created_by=actor)
    return frozenset(rows.values_list("person__public_id", flat=True))
