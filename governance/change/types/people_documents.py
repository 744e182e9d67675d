"""The documents of a person: roles with places in groups, keys that count, and the organisational unit."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import cast

from governance.change.errors import EffectRefused
from governance.identity.core.person_keys import KeyState
from governance.identity.models import GroupMember, Membership, Person, PersonKey
from ledger.core.types import JSON, JSONObject


def roles_subject(person: object) -> str:
    """Key of the document of roles."""
    return f"person:{person}/roles"


def keys_subject(person: object) -> str:
    """Key of the document of keys."""
    return f"person:{person}/keys"


def unit_subject(person: object) -> str:
    """Key of the document of the unit."""
    return f"person:{person}/unit"


def person_row(person: object, *, lock: bool) -> Person:
    """The row; raises EffectRefused. Whatever is written about a person is written behind this row's lock."""
    rows = Person.objects.select_for_update() if lock else Person.objects.all()
    row = rows.filter(public_id=uuid.UUID(str(person))).first()
    if row is None:
        raise EffectRefused("There is no such person", why=str(person), path="$.person")
    return row


def roles_of(row: Person) -> JSONObject:
    """Roles that were not taken away (an end stands beside each), and places in groups."""
    held = Membership.objects.filter(person=row, revoked__isnull=True).select_related("tenant")
    roles: list[JSON] = [
        {
            "role": one.role,
            "tenant": str(one.tenant.public_id) if one.tenant else None,
            "expires": second_text(one.expires) if one.expires else None,
        }
        for one in held
    ]
    groups = GroupMember.objects.filter(person=row, revoked__isnull=True).values_list("group_id", flat=True)
    places: list[JSON] = [*sorted(groups)]
    return {"groups": places, "roles": sorted_roles(roles)}


def keys_of(row: Person) -> JSONObject:
    """Keys that count."""
    rows = PersonKey.objects.filter(person=row, state=KeyState.ACTIVE.value)
    return {"keys": sorted_keys([key_json(one) for one in rows])}


def unit_of(row: Person) -> JSONObject:
    """The organisational unit; null for none."""
    return {"unit": row.unit or None}


def key_json(row: PersonKey) -> JSONObject:
    """A key as a document names it."""
    return {"custody": row.custody, "kid": row.kid, "public": bytes(row.public).hex(), "use": row.use}


def sorted_roles(roles: list[JSON]) -> list[JSON]:
    """In one order."""
    return sorted(roles, key=lambda one: str((_of(one, "role"), _of(one, "tenant"))))


def sorted_keys(keys: list[JSON]) -> list[JSON]:
    """In one order."""
    return sorted(keys, key=lambda one: str(_of(one, "kid")))


def second_text(moment: datetime) -> str:
    """A time in UTC seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parsed_second(text: str) -> datetime:
    """The inverse."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _of(value: JSON, name: str) -> JSON:
    return cast("JSONObject", value)[name]
