"""Tenants, their namespaces, members and keys, as frozen values for pages and commands."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from governance.identity.core.roles import Role
from governance.identity.models.membership import Membership
from governance.identity.models.namespace import Namespace
from governance.identity.models.person import Person
from governance.identity.models.personal_token import PersonalToken
from governance.identity.models.system_key import SystemKey
from governance.identity.models.tenant import Tenant, TenantState


@dataclass(frozen=True, slots=True)
class MembershipView:
    """One role in force; `tenant` is None on the platform."""

    public_id: uuid.UUID
    role: Role
    tenant: str | None
    tenant_name: str
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class SystemKeyView:
    """A key without its secret; `prefix` is what its holder recognises it by."""

    public_id: uuid.UUID
    namespace: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    state: str
    created: datetime
    last_used: date | None
    overlap_until: datetime | None


@dataclass(frozen=True, slots=True)
class PersonalTokenView:
    """A personal token without its secret."""

    public_id: uuid.UUID
    name: str
    prefix: str
    expires: datetime
    created: datetime
    last_used: date | None


def memberships_of(person: Person, now: datetime) -> tuple[MembershipView, ...]:
    """The roles that the person holds at `now`, in the order in which they were granted."""
    return tuple(map(membership_view, memberships_held(person, now)))


def memberships_held(person: Person, now: datetime) -> list[Membership]:
    """The rows in force at `now`, each with its tenant, in the order in which they were granted."""
    return list(Membership.objects.live(now).filter(person=person).select_related("tenant"))


def membership_view(row: Membership) -> MembershipView:
    """The view of a row that came with its tenant."""
    return MembershipView(
        public_id=row.public_id,
        role=Role(row.role),
        tenant=row.tenant.slug if row.tenant else None,
        tenant_name=row.tenant.name if row.tenant else "the platform",
        expires=row.expires,
    )


def namespace_exists(name: str) -> bool:
    """Whether the name is taken, by whomever."""
    return Namespace.objects.filter(name=name).exists()


def is_disabled(namespace: str) -> bool:
    """Whether the namespace belongs to a tenant that is as if it were not there."""
    return Namespace.objects.filter(name=namespace, tenant__state=TenantState.DISABLED).exists()


def tenant_of_namespace(namespace: str) -> str | None:
    """The public id of its tenant; None for the platform's own and for a name that nobody has."""
    row = Namespace.objects.filter(name=namespace, tenant__isnull=False).select_related("tenant").first()
    return None if row is None or row.tenant is None else str(row.tenant.public_id)


def namespaces_of(tenant: str) -> list[str]:
    """The namespaces of the tenant with this public id, by name."""
    rows = Namespace.objects.filter(tenant__public_id=uuid.UUID(tenant)).order_by("name")
    return list(rows.values_list("name", flat=True))


@dataclass(frozen=True, slots=True)
class TenantView:
    """A tenant and what may be done in it now."""

    public_id: uuid.UUID
    name: str
    state: str


def all_tenants() -> tuple[TenantView, ...]:
    """Every tenant, by name."""
    rows = Tenant.objects.order_by("name", "id")
    return tuple(TenantView(row.public_id, row.name, str(row.state)) for row in rows)


def tenant_names(namespaces: Collection[str]) -> dict[str, str]:
    """The name of the owner of each namespace; the platform's own are owned by `the platform`."""
    rows = Namespace.objects.filter(name__in=namespaces).select_related("tenant")
    return {row.name: row.tenant.name if row.tenant else "the platform" for row in rows}


def system_keys_in(namespaces: Collection[str]) -> tuple[SystemKeyView, ...]:
    """The system keys of these namespaces, disabled ones too."""
    rows = SystemKey.objects.filter(namespace__name__in=namespaces).select_related("namespace")
    return tuple(map(system_key_view, rows))


def system_key_view(row: SystemKey) -> SystemKeyView:
    """The view of a row that came with its namespace."""
    return SystemKeyView(
        public_id=row.public_id,
        namespace=row.namespace.name,
        name=row.name,
        prefix=f"cs_key_{row.public_id.hex}",
        scopes=tuple(word for word, held in (("append", row.may_append), ("read", row.may_read)) if held),
        state=row.state,
        created=row.created,
        last_used=row.last_used,
        overlap_until=row.previous_until,
    )


def personal_tokens_of(person: Person, now: datetime) -> tuple[PersonalTokenView, ...]:
    """The tokens of a person that still open something at `now`."""
    rows = PersonalToken.objects.filter(person=person, revoked__isnull=True, expires__gt=now)
    return tuple(
        PersonalTokenView(
            public_id=row.public_id,
            name=row.name,
            prefix=f"cs_pat_{row.public_id.hex}",
            expires=row.expires,
            created=row.created,
            last_used=row.last_used,
        )
        for row in rows
    )
