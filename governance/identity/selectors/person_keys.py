"""Keys of people as frozen values: for the engine, for pages and for the check at start."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from governance.identity.core.person_keys import Custody, KeyState, KeyUse
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from ledger.errors import NotThere


@dataclass(frozen=True, slots=True)
class PersonKeyView:
    """A public key; `person` is its holder's public id. It counts at record indices in [`since`, `until`)."""

    public_id: uuid.UUID
    person: uuid.UUID
    kid: str
    public: bytes
    use: KeyUse
    custody: Custody
    name: str
    state: KeyState
    since: int | None
    until: int | None
    active_from: datetime | None
    revoked_at: datetime | None
    replaces: str | None
    possession: bytes
    created: datetime


def keys_of(person: Person) -> tuple[PersonKeyView, ...]:
    """All keys of a person, in the order of their registration."""
    return _views(PersonKey.objects.filter(person=person))


def keys_by_person(use: KeyUse | None = None) -> dict[uuid.UUID, tuple[PersonKeyView, ...]]:
    """Every key that counts or counted (pending ones are not among them), by its holder's public id."""
    rows = PersonKey.objects.filter(since__isnull=False)
    found: dict[uuid.UUID, tuple[PersonKeyView, ...]] = {}
    for view in _views(rows if use is None else rows.filter(use=use.value)):
        found[view.person] = (*found.get(view.person, ()), view)
    return found


def key_by_kid(kid: str) -> PersonKeyView | None:
    """The key with this id, in whatever state."""
    return next(iter(_views(PersonKey.objects.filter(kid=kid))), None)


def key_row(kid: str) -> PersonKey:
    """The row with its holder, for an action; raises NotThere."""
    row = PersonKey.objects.select_related("person").filter(kid=kid).first()
    if row is None:
        raise NotThere("There is no such key", why=kid[:64])
    return row


def pending_keys() -> tuple[PersonKeyView, ...]:
    """The keys that wait for a second person."""
    return _views(PersonKey.objects.filter(state=KeyState.PENDING.value))


def counting_custody() -> frozenset[Custody]:
    """The kinds of custody among keys that may sign, or are about to: production refuses `demo`."""
    rows = PersonKey.objects.exclude(state=KeyState.REVOKED.value)
    return frozenset(Custody(one) for one in rows.order_by().values_list("custody", flat=True).distinct())


def holds_live_key(person: Person) -> bool:
    """Whether any active key speaks for the person."""
    return PersonKey.objects.filter(person=person, state=KeyState.ACTIVE.value).exists()


def _views(rows: QuerySet[PersonKey]) -> tuple[PersonKeyView, ...]:
    return tuple(map(view_of, _joined(rows)))


def _joined(rows: QuerySet[PersonKey]) -> Iterable[PersonKey]:
    return rows.select_related("person", "replaces").order_by("id")


def view_of(row: PersonKey) -> PersonKeyView:
    """The view of a row that came with its holder."""
    return PersonKeyView(
        public_id=row.public_id,
        person=row.person.public_id,
        kid=row.kid,
        public=bytes(row.public),
        use=KeyUse(row.use),
        custody=Custody(row.custody),
        name=row.name,
        state=KeyState(row.state),
        since=row.since,
        until=row.until,
        active_from=row.active_from,
        revoked_at=row.revoked_at,
        replaces=row.replaces.kid if row.replaces is not None else None,
        possession=bytes(row.possession),
        created=row.created,
    )
