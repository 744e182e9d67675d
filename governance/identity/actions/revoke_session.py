"""A person ends one session of theirs, wherever it is open."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import Gone, NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.session import Ended, Session
from governance.identity.moment import Moment
from governance.identity.sessions import remove_session


@dataclass(frozen=True, kw_only=True)
class RevokeSession(Action[Session]):
    """It opens nothing from the next request on."""

    person: Person
    session: uuid.UUID

    def check(self) -> None:
        """Only one's own, and only from a session."""
        if not self.by.in_session or self.by.actor != self.person.actor:
            raise NotAllowed("Only the person can end their own sessions", why="It was asked by somebody else.")
        rows = Session.objects.select_for_update(of=("self",)).live()
        if not rows.filter(person=self.person, public_id=self.session).exists():
            raise Gone("This session is over", next_step="Nothing needs to be done.")

    def execute(self) -> Session:
        """The row ends and the session goes."""
        row = Session.objects.get(public_id=self.session)
        remove_session(row, Ended.REVOKED, self.at.now)
        return row

    def record(self, result: Session) -> Record:
        """Whose and which."""
        facts = {"session": str(result.public_id)}
        return Record(IdentityEvent.SESSION_REVOKED, str(self.person.public_id), {**facts})


def revoke_session(person: Person, session: uuid.UUID, *, by: Principal, at: Moment) -> Session:
    """End one session; raises NotAllowed or Gone."""
    return RevokeSession(person=person, session=session, by=by, at=at).run()
