"""A person ends every session of theirs, as after a lost laptop; the door keeps the one it was asked from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class EndSessions(Action[Person]):
    """`session_epoch` moves on, and no session made before counts any more."""

    person: Person

    def check(self) -> None:
        """Only one's own, and only from a session."""
        if not self.by.in_session or self.by.actor != self.person.actor:
            raise NotAllowed("Only the person can end their own sessions", why="It was asked by somebody else.")

    def execute(self) -> Person:
        """Move the epoch on."""
        Person.objects.filter(pk=self.person.pk).update(session_epoch=F("session_epoch") + 1)
        self.person.refresh_from_db()
        return self.person

    def record(self, result: Person) -> Record:
        """The id alone."""
        return Record(IdentityEvent.SESSIONS_ENDED, str(result.public_id), {})


def end_sessions(person: Person, *, by: Principal, at: Moment) -> Person:
    """End all sessions of a person and return the person as they are now; raises NotAllowed."""
    return EndSessions(person=person, by=by, at=at).run()
