"""A role is taken away, and with it every open session of its holder, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import F

from governance.identity.actions.base import Action, Record
from governance.identity.actions.grant_membership import facts_of
from governance.identity.core.governed import ROLE_REVOKE
from governance.identity.core.principal import Principal
from governance.identity.errors import Gone
from governance.identity.events import IdentityEvent
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class RevokeMembership(Action[Membership]):
    """The row stays, with its end."""

    governed_by: ClassVar[str | None] = ROLE_REVOKE

    membership: Membership

    def check(self) -> None:
        """It must still be in force."""
        self.require_platform()
        row = Membership.objects.select_for_update().get(pk=self.membership.pk)
        if row.revoked is not None:
            raise Gone("This role was taken away before", next_step="Nothing needs to be done.")

    def execute(self) -> Membership:
        """End the role and the sessions."""
        self.membership.revoked = self.at.now
        self.membership.save(update_fields=["revoked"])
        Person.objects.filter(pk=self.membership.person_id).update(session_epoch=F("session_epoch") + 1)
        return self.membership

    def record(self, result: Membership) -> Record:
        """Who, where, what."""
        return Record(IdentityEvent.MEMBERSHIP_REVOKED, str(result.public_id), facts_of(result))


def revoke_membership(
    membership: Membership, *, by: Principal, at: Moment, decision: str | None = None
) -> Membership:  # fmt: skip
    """Take a role away; raises NotAllowed, Gone or DecisionNeeded."""
    return RevokeMembership(membership=membership, by=by, at=at, decision=decision).run()
