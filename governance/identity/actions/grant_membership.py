"""A role for a person. Separation of duties is checked here, against everything they hold anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.core.governed import ROLE_GRANT
from governance.identity.core.principal import Principal
from governance.identity.core.roles import EXPIRING_ROLES, KEYLESS_ROLES, PLATFORM_ROLES, TENANT_ROLES, Role, conflicts
from governance.identity.errors import NameTaken, NotAllowed, RoleExcluded
from governance.identity.events import IdentityEvent
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from governance.identity.models.tenant import Tenant
from governance.identity.moment import Moment
from governance.identity.selectors.person_keys import holds_live_key
from ledger.core.types import JSONObject


@dataclass(frozen=True, kw_only=True)
class GrantMembership(Action[Membership]):
    """Without `tenant` the role is held on the platform."""

    governed_by: ClassVar[str | None] = ROLE_GRANT

    person: Person
    tenant: Tenant | None
    role: Role
    expires: datetime | None

    def check(self) -> None:
        """Right, place, end, exclusions and uniqueness; the person's row is locked against a second grant."""
        self.require_platform()
        Person.objects.select_for_update().get(pk=self.person.pk)
        if self.by.actor == self.person.actor:
            raise NotAllowed("Nobody gives roles to themselves", next_step="Ask another platform operator.")
        self._check_place()
        held = list(Membership.objects.live(self.at.now).filter(person=self.person))
        self._check_exclusions(Role(row.role) for row in held)
        self._check_keys()
        if any(row.role == self.role and row.tenant_id == self._tenant_id for row in held):
            raise NameTaken("This role is held there already", path="$.role", next_step="Nothing needs to be done.")

    @property
    def _tenant_id(self) -> int | None:
        return self.tenant.pk if self.tenant else None

    def _check_place(self) -> None:
        if self.role in PLATFORM_ROLES and self.tenant is not None:
            raise RoleExcluded(
                f"{self.role.words} is a role of the platform", path="$.tenant", next_step="Name no tenant."
            )
        if self.role in TENANT_ROLES and self.tenant is None:
            raise RoleExcluded(f"{self.role.words} is a role in a tenant", path="$.tenant", next_step="Name a tenant.")
        if self.role in EXPIRING_ROLES and self.expires is None:
            raise RoleExcluded(f"{self.role.words} needs an end", path="$.expires", next_step="Say until when.")
        if self.expires is not None and self.expires <= self.at.now:
            raise RoleExcluded("The end is past", path="$.expires", next_step="Name a time to come.")

    def _check_keys(self) -> None:
        if self.role in KEYLESS_ROLES and holds_live_key(self.person):
            raise RoleExcluded(
                f"{self.role.words} excludes a key that counts", why="Who runs the platform decides nothing on it.",
                path="$.role", next_step="Revoke the person's keys first, or give the role to somebody else.",
            )  # fmt: skip

    def _check_exclusions(self, held: Iterable[Role]) -> None:
        found = conflicts(self.role, held)
        if found:
            words = ", ".join(role.words for role in found)
            raise RoleExcluded(f"{self.role.words} excludes {words}", why="Separation of duties.", path="$.role")

    def execute(self) -> Membership:
        """One row; an expired one of the same kind is closed first, so that the constraint holds."""
        same = Membership.objects.filter(person=self.person, tenant=self.tenant, role=self.role, revoked__isnull=True)
        same.update(revoked=self.at.now)
        return Membership.objects.create(
            public_id=self.at.new_id(),
            person=self.person,
            tenant=self.tenant,
            role=self.role.value,
            expires=self.expires,
            created=self.at.now,
        )

    def record(self, result: Membership) -> Record:
        """Who, where, what, until when."""
        return Record(IdentityEvent.MEMBERSHIP_GRANTED, str(result.public_id), facts_of(result))


def facts_of(membership: Membership) -> JSONObject:
    """What the ledger keeps of a membership."""
    return {
        "person": str(membership.person.public_id),
        "tenant": str(membership.tenant.public_id) if membership.tenant else None,
        "role": membership.role,
        "expires": membership.expires.isoformat() if membership.expires else None,
    }


def grant_membership(
    person: Person,
    tenant: Tenant | None,
    role: Role,
    *,
    by: Principal,
    at: Moment,
    expires: datetime | None = None,
    decision: str | None = None,
) -> Membership:
    """Give a role; raises NotAllowed, RoleExcluded, NameTaken or DecisionNeeded."""
    action = GrantMembership(
        person=person, tenant=tenant, role=role, expires=expires, by=by, at=at, decision=decision
    )  # fmt: skip
    return action.run()
