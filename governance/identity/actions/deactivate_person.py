"""A person leaves: no sign-in, no session, no token, from this transaction on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import F

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import PolicyUnsatisfiable
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.identity.selectors.founding import is_founded

Unmet = Callable[[Person], tuple[str, ...]]
"""What could not be satisfied any more without this person: sentences, none where every policy still can be."""


@dataclass(frozen=True, kw_only=True)
class DeactivatePerson(Action[Person]):
    """Memberships and keys stay as history; they give nothing to somebody who is not active.

    `unmet` is asked once the deployment is founded: who keeps policies satisfiable stays until others can.
    """

    person: Person
    unmet: Unmet | None

    def check(self) -> None:
        """Only the platform's operators, and only while every policy stays satisfiable."""
        self.require_platform()
        Person.objects.select_for_update().get(pk=self.person.pk)
        if not is_founded():
            return
        if self.unmet is None:
            raise RuntimeError("a founded deployment has policies: say how they are judged")
        if found := self.unmet(self.person):
            raise PolicyUnsatisfiable("Policies would become unsatisfiable", why="; ".join(found))

    def execute(self) -> Person:
        """Both columns at once: `session_epoch` ends what is open, `is_active` what would come."""
        Person.objects.filter(pk=self.person.pk).update(is_active=False, session_epoch=F("session_epoch") + 1)
        self.person.refresh_from_db()
        return self.person

    def record(self, result: Person) -> Record:
        """The id alone."""
        return Record(IdentityEvent.PERSON_DEACTIVATED, str(result.public_id), {})


def deactivate_person(person: Person, *, by: Principal, at: Moment, unmet: Unmet | None = None) -> Person:
    """End every access of a person; raises NotAllowed or PolicyUnsatisfiable."""
    return DeactivatePerson(person=person, unmet=unmet, by=by, at=at).run()
