"""From a person or a presented token to a principal.

Guarantees that inactive people, disabled keys, ended tokens and disabled tenants give no principal at all,
and that a suspended tenant can be read but not written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q

from governance.identity.core.principal import Principal, PrincipalKind, Scope, allowed_by
from governance.identity.core.roles import Capability, Role, capabilities_of
from governance.identity.models.membership import Membership
from governance.identity.models.namespace import Namespace
from governance.identity.models.person import Person
from governance.identity.models.personal_token import PersonalToken
from governance.identity.models.system_key import KeyState, SystemKey
from governance.identity.models.tenant import Tenant, TenantState
from governance.identity.selectors.tenants import MembershipView, membership_view, memberships_held
from governance.identity.tokens import Token, TokenKind

_WRITES = frozenset({Capability.APPEND, Capability.MANAGE})
_SESSION = frozenset({Scope.SESSION})
_PERSONAL = frozenset({Scope.READ, Scope.DRAFT})
# Every append asks this, and building the query took longer than answering it: so it stands here as it is sent.
_ACTIVE_KEY = """
SELECT key.*, namespace.name AS place, COALESCE(tenant.state, 'active') AS standing
FROM identity_system_key AS key
JOIN identity_namespace AS namespace ON namespace.id = key.namespace_id
LEFT JOIN identity_tenant AS tenant ON tenant.id = namespace.tenant_id
WHERE key.public_id = %s AND key.state = %s
"""


def principal_of_person(person: Person, now: datetime, scopes: frozenset[Scope] = _SESSION) -> Principal | None:
    """What the person may do at `now`, within `scopes`; None for somebody who is not active."""
    return _principal(person, memberships_held(person, now), scopes) if person.is_active else None


def standing_of(person: Person, now: datetime) -> tuple[Principal, tuple[MembershipView, ...]] | None:
    """The principal of a session together with the roles in words, from the same rows; None as above."""
    if not person.is_active:
        return None
    rows = memberships_held(person, now)
    return _principal(person, rows, _SESSION), tuple(map(membership_view, rows))


def _principal(person: Person, memberships: list[Membership], scopes: frozenset[Scope]) -> Principal:
    namespaces = _namespaces_of(memberships)
    ceiling = allowed_by(scopes)
    return Principal(
        kind=PrincipalKind.PERSON,
        actor=person.actor,
        name=person.actor,
        grants={row.name: _rights(row, memberships) & ceiling for row in namespaces},
        roles=frozenset(Role(row.role) for row in memberships),
        scopes=scopes,
        suspended=_suspended(namespaces),
    )


def principal_of_user(user: AbstractBaseUser, now: datetime) -> Principal | None:
    """The same for `request.user`, read again: what a middleware loaded may be older than a revocation."""
    person = Person.objects.filter(pk=user.pk).first()
    return principal_of_person(person, now) if person is not None else None


def principal_of_token(token: Token, now: datetime) -> Principal | None:
    """The principal that a bearer token stands for at `now`, or None when it opens nothing."""
    if token.kind is TokenKind.PERSONAL:
        return _personal(token, now)
    return _system_key(token, now)


def _personal(token: Token, now: datetime) -> Principal | None:
    row = PersonalToken.objects.select_related("person").filter(public_id=token.public_id).first()
    if row is None or row.revoked is not None or row.expires <= now or not token.matches(row.secret_hash):
        return None
    _touch(row, now)
    return principal_of_person(row.person, now, _PERSONAL)


def _system_key(token: Token, now: datetime) -> Principal | None:
    row = next(iter(SystemKey.objects.raw(_ACTIVE_KEY, [token.public_id, KeyState.ACTIVE.value])), None)
    if row is None or not _opens(row, token, now):
        return None
    place = Namespace(name=vars(row)["place"], tenant=Tenant(state=vars(row)["standing"]))
    if _state(place) == TenantState.DISABLED:
        return None
    _touch(row, now)
    scopes = frozenset(scope for scope, held in _scopes(row) if held)
    return Principal(
        kind=PrincipalKind.SYSTEM_KEY,
        actor=row.actor,
        name=row.name,
        grants={place.name: _unsuspended(place, allowed_by(scopes))},
        scopes=scopes,
        suspended=_suspended([place]),
    )


def is_by_secret_in_force(token: Token) -> bool:
    """Whether a system key's token carries the newest secret, rather than one in its overlap, which ends by itself."""
    held = SystemKey.objects.filter(public_id=token.public_id).values_list("secret_hash", flat=True).first()
    return held is not None and token.matches(held)


def _scopes(row: SystemKey) -> Iterable[tuple[Scope, bool]]:
    return (Scope.APPEND, row.may_append), (Scope.READ, row.may_read)


def _opens(row: SystemKey, token: Token, now: datetime) -> bool:
    if token.matches(row.secret_hash):
        return True
    if row.previous_hash is None or row.previous_until is None or row.previous_until <= now:
        return False
    return token.matches(row.previous_hash)


def _touch(row: SystemKey | PersonalToken, now: datetime) -> None:
    """Remember the day, not the moment: one write a day, and no trace of when somebody works."""
    if row.last_used != now.date():
        type(row).objects.filter(pk=row.pk).update(last_used=now.date())


def _namespaces_of(memberships: Iterable[Membership]) -> list[Namespace]:
    tenants = {row.tenant_id for row in memberships}
    wanted = Q(tenant_id__in=tenants - {None})
    if None in tenants:
        wanted |= Q(tenant__isnull=True)
    if any(row.role == Role.PLATFORM_OPERATOR for row in memberships):
        wanted = Q()
    rows = Namespace.objects.select_related("tenant").filter(wanted)
    return list(rows.exclude(tenant__state=TenantState.DISABLED))


def _rights(namespace: Namespace, memberships: Iterable[Membership]) -> frozenset[Capability]:
    roles: dict[int | None, set[Role]] = defaultdict(set)
    for row in memberships:
        roles[row.tenant_id].add(Role(row.role))
    held = set(roles[namespace.tenant_id])
    if Role.PLATFORM_OPERATOR in roles[None]:
        held.add(Role.PLATFORM_OPERATOR)
    return _unsuspended(namespace, capabilities_of(held))


def _unsuspended(namespace: Namespace, rights: frozenset[Capability]) -> frozenset[Capability]:
    return rights - _WRITES if _state(namespace) != TenantState.ACTIVE else rights


def _suspended(namespaces: Iterable[Namespace]) -> frozenset[str]:
    return frozenset(row.name for row in namespaces if _state(row) == TenantState.SUSPENDED)


def _state(namespace: Namespace) -> str:
    tenant: Tenant | None = namespace.tenant
    return tenant.state if tenant is not None else TenantState.ACTIVE
