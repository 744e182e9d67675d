"""Who acts: a person or a program, with the rights it has in each namespace at this moment.

Guarantees that a principal is a value: it is computed from memberships or from a key when a request begins,
and nothing that happens later widens it. A namespace that is not in `grants` does not exist for its holder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from governance.identity.core.roles import Capability, Role


class PrincipalKind(StrEnum):
    """A machine principal is the one who sits at the server: a command, the seed, the founding."""

    PERSON = "person"
    SYSTEM_KEY = "system_key"
    MACHINE = "machine"


class Scope(StrEnum):
    """What a credential lets its holder do, at most. Only a verified session carries all of a person."""

    APPEND = "append"
    READ = "read"
    DRAFT = "draft"
    SESSION = "session"


SCOPE_CAPABILITIES: dict[Scope, frozenset[Capability]] = {
    Scope.APPEND: frozenset({Capability.SEE, Capability.APPEND}),
    Scope.READ: frozenset({Capability.SEE, Capability.READ, Capability.EXPORT}),
    Scope.DRAFT: frozenset({Capability.SEE}),
    Scope.SESSION: frozenset(Capability),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """`actor` is what the ledger writes down, `name` what people read and events name as their source."""

    kind: PrincipalKind
    actor: str
    name: str
    grants: Mapping[str, frozenset[Capability]] = field(default_factory=dict)
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    suspended: frozenset[str] = frozenset()

    @property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that exist for this principal."""
        return frozenset(self.grants)

    @property
    def in_session(self) -> bool:
        """Whether a person is present, rather than a token of theirs."""
        return Scope.SESSION in self.scopes

    def knows(self, namespace: str) -> bool:
        """Whether the namespace exists for this principal at all; if not, the answer is 404."""
        return namespace in self.grants

    def may(self, capability: Capability, namespace: str) -> bool:
        """Whether this principal has the right there."""
        if self.kind is PrincipalKind.MACHINE:
            return True
        return capability in self.grants.get(namespace, frozenset())

    def holding(self, capability: Capability) -> frozenset[str]:
        """The namespaces in which this principal has the right."""
        return frozenset(name for name, rights in self.grants.items() if capability in rights)


def machine(actor: str) -> Principal:
    """The principal of a command on the server itself; `actor` such as `machine:seed`."""
    return Principal(PrincipalKind.MACHINE, actor, actor)


def allowed_by(scopes: frozenset[Scope]) -> frozenset[Capability]:
    """Every right that a credential with these scopes can carry."""
    return frozenset().union(*(SCOPE_CAPABILITIES[scope] for scope in scopes))
