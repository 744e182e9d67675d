"""After a recovery code, or a new factor in place of lost ones, no decision of the person counts for 24 hours.

Guarantees that every approver hears of it: whoever stole a recovery code gains a login and a day of being watched.
Follows the governance reference, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from governance.identity.actions.base import Action, Record
from governance.identity.actions.mails import queue_mail, tell_approvers
from governance.identity.core.principal import Principal
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.moment import Moment

COOL_DOWN = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class BarPerson(Action[Person]):
    """`what` happened, in a few words for the mails."""

    person: Person
    what: str

    def check(self) -> None:
        """Nothing to refuse: it only restricts."""

    def execute(self) -> Person:
        """A bar is never shortened."""
        row = Person.objects.select_for_update().get(pk=self.person.pk)
        ends = self.at.now + COOL_DOWN
        row.barred_until = max(ends, row.barred_until or ends)
        row.save(update_fields=["barred_until"])
        self._tell(row)
        return row

    def _tell(self, row: Person) -> None:
        until = f"{row.barred_until:%Y-%m-%d %H:%M} UTC"
        told = (
            f"{row.display_name}: {self.what}. Until {until} no decision of theirs counts, and keys stay as they are."
        )
        ask = f"{told} Ask them, by another way than mail, whether it was them."
        tell_approvers("A recovery was used", ask, self.at.now, besides=row)
        own = f"{told} If it was not you, revoke your keys."
        queue_mail(row, "A recovery was used on your account", own, self.at.now)

    def record(self, result: Person) -> Record:
        """Until when."""
        until = result.barred_until.isoformat() if result.barred_until else None
        return Record(IdentityEvent.RECOVERY_CODE_USED, str(result.public_id), {"until": until})


def bar_person(person: Person, what: str, *, by: Principal, at: Moment) -> Person:
    """Begin the cool-down of 24 hours; raises nothing of its own."""
    return BarPerson(person=person, what=what, by=by, at=at).run()
