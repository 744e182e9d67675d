"""A person leaves: no sign-in, no session, no token, from this transaction on."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class DeactivatePerson(Action[Person]):
    """Memberships stay as history; they give nothing to somebody who is not active."""

    person: Person

    def check(self) -> None:
        """Only the platform's operators."""
        self.require_platform()

    def execute(self) -> Person:
        """Both columns at once: `session_epoch` ends what is open, `is_active` what would come."""
        Person.objects.filter(pk=self.person.pk).update(is_active=False, session_epoch=F("session_epoch") + 1)
        self.person.refresh_from_db()
        return self.person

    def record(self, result: Person) -> Record:
        """The id alone."""
        return Record(IdentityEvent.PERSON_DEACTIVATED, str(result.public_id), {})


def deactivate_person(person: Person, *, by: Principal, at: Moment) -> Person:
    """End every access of a person; raises NotAllowed."""
    return DeactivatePerson(person=person, by=by, at=at).run()
