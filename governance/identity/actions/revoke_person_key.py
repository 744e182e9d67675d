"""A key ends: from the index of this record on it decides nothing, and every session of its holder is over.

Guarantees both in one transaction. Whoever gives up a key of their own needs nobody: it only takes power away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import F

from governance.identity.actions.activate_person_key import end_key
from governance.identity.actions.base import Action, Record
from governance.identity.actions.register_person_key import facts_of
from governance.identity.core.governed import KEY_REVOKE
from governance.identity.core.person_keys import KeyState
from governance.identity.core.principal import Principal
from governance.identity.errors import Gone
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class RevokePersonKey(Action[PersonKey]):
    """Somebody else's key: after the founding by a change, before it by who runs the platform."""

    governed_by: ClassVar[str | None] = KEY_REVOKE

    key: PersonKey
    reason: str

    def check(self) -> None:
        """Right, and that it has not ended."""
        self.check_right()
        row = PersonKey.objects.select_for_update(of=("self",)).get(pk=self.key.pk)
        if row.state == KeyState.REVOKED.value:
            raise Gone("This key was revoked before", next_step="Nothing needs to be done.")

    def check_right(self) -> None:
        """Whoever runs the platform, or an executed change."""
        self.require_platform()

    def execute(self) -> PersonKey:
        """End the sessions; the key ends once the place in the record is known."""
        Person.objects.filter(pk=self.key.person_id).update(session_epoch=F("session_epoch") + 1)
        return PersonKey.objects.select_related("person", "replaces").get(pk=self.key.pk)

    def record(self, result: PersonKey) -> Record:
        """Whose, which, and why."""
        facts = {**facts_of(result), "reason": self.reason}
        return Record(IdentityEvent.PERSON_KEY_REVOKED, str(result.person.public_id), facts)

    def settle(self, result: PersonKey, index: int) -> PersonKey:
        """It counts for no record from `index` on."""
        end_key(result, index, self.at)
        return result


@dataclass(frozen=True, kw_only=True)
class GiveUpPersonKey(RevokePersonKey):
    """A key of one's own."""

    governed_by: ClassVar[str | None] = None

    def check_right(self) -> None:
        """Its holder, in a session."""
        if self.by.actor != self.key.person.actor or not self.by.in_session:
            self.require_platform()


def revoke_person_key(
    key: PersonKey, reason: str, *, by: Principal, at: Moment, decision: str | None = None
) -> PersonKey:  # fmt: skip
    """End a key and its holder's sessions; raises NotAllowed, Gone, or DecisionNeeded for somebody else's."""
    kind = GiveUpPersonKey if by.actor == key.person.actor and by.in_session else RevokePersonKey
    return kind(key=key, reason=reason, by=by, at=at, decision=decision).run()
