"""Roles, what each may do in a namespace, and which no person may hold together.

Guarantees that rights come from roles alone: no flag of a person (staff, superuser) adds one, and no role
here carries a decision by itself. Follows the matrix of roles and the static exclusions of the governance
reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in a tenant, or on the platform."""

    AUTHOR = "author"
    APPROVER = "approver"
    EXECUTOR = "executor"
    PLATFORM_OPERATOR = "platform_operator"
    COMPLIANCE_OFFICER = "compliance_officer"
    INTERNAL_AUDITOR = "internal_auditor"
    GUEST_AUDITOR = "guest_auditor"
    TENANT_ADMIN = "tenant_admin"
    TENANT_DEVELOPER = "tenant_developer"
    TENANT_VIEWER = "tenant_viewer"
    WITNESS_OPERATOR = "witness_operator"

    @property
    def words(self) -> str:
        """The role as the interface writes it."""
        return self.value.replace("_", " ")


class Capability(StrEnum):
    """One right within a namespace. `SEE` is metadata and proofs, `READ` is what events say."""

    SEE = "see"
    READ = "read"
    EXPORT = "export"
    APPEND = "append"
    MANAGE = "manage"


PLATFORM_ROLES = frozenset({Role.PLATFORM_OPERATOR, Role.WITNESS_OPERATOR})
TENANT_ROLES = frozenset({Role.GUEST_AUDITOR, Role.TENANT_ADMIN, Role.TENANT_DEVELOPER, Role.TENANT_VIEWER})
EXPIRING_ROLES = frozenset({Role.GUEST_AUDITOR})
KEYLESS_ROLES = frozenset({Role.PLATFORM_OPERATOR})
"""Who holds no key that counts: who runs the servers decides nothing on them."""

_READER = frozenset({Capability.SEE, Capability.READ, Capability.EXPORT})
_METADATA = frozenset({Capability.SEE})

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.AUTHOR: _READER,
    Role.APPROVER: _READER,
    Role.EXECUTOR: _READER,
    Role.PLATFORM_OPERATOR: _METADATA,
    Role.COMPLIANCE_OFFICER: _READER,
    Role.INTERNAL_AUDITOR: _READER,
    Role.GUEST_AUDITOR: _READER,
    Role.TENANT_ADMIN: _READER | {Capability.APPEND, Capability.MANAGE},
    Role.TENANT_DEVELOPER: _READER | {Capability.APPEND},
    Role.TENANT_VIEWER: frozenset({Capability.SEE, Capability.READ}),
    Role.WITNESS_OPERATOR: _METADATA,
}

_AUDITORS = frozenset({Role.INTERNAL_AUDITOR, Role.GUEST_AUDITOR})
_EXCLUDED_FOR_AUDITORS = frozenset({Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.TENANT_ADMIN})


def excludes(first: Role, second: Role) -> bool:
    """Whether one person may not hold both roles, in whatever tenant (static separation of duties)."""
    if first == second:
        return False
    pair = frozenset({first, second})
    if Role.WITNESS_OPERATOR in pair:
        return True
    if Role.APPROVER in pair and pair & {Role.PLATFORM_OPERATOR, Role.TENANT_ADMIN}:
        return True
    return bool(pair & _AUDITORS) and bool(pair & _EXCLUDED_FOR_AUDITORS)


def conflicts(wanted: Role, held: Iterable[Role]) -> tuple[Role, ...]:
    """The roles among `held` that forbid granting `wanted`, in the order of their names."""
    return tuple(sorted({role for role in held if excludes(wanted, role)}, key=lambda role: role.value))


def capabilities_of(roles: Iterable[Role]) -> frozenset[Capability]:
    """Every right that the given roles carry together."""
    return frozenset().union(*(CAPABILITIES[role] for role in roles))
