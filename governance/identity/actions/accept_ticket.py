"""Whom a ticket is for uses it: a password and a first factor, or a new factor in place of lost ones.

Guarantees that ticket, password and factor move in one transaction; and that after a recovery (a factor ticket) the
lost factors and every session are gone, and no decision counts for 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import F
from django_otp import devices_for_user

from governance.identity.actions.bar_person import bar_person
from governance.identity.actions.base import Action, Record
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.actions.tickets import use_ticket
from governance.identity.core.principal import Principal, PrincipalKind, Scope
from governance.identity.core.tickets import Purpose
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.second_factor import Authenticator
from governance.identity.models.ticket import Ticket
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class AcceptTicket(Action[Authenticator]):
    """`secret` (20 bytes) was confirmed by a code; `password` is validated by the door, None with a factor ticket."""

    ticket: Ticket
    password: str | None = field(repr=False)
    secret: bytes = field(repr=False)

    def check(self) -> None:
        """Use the ticket up, or refuse."""
        use_ticket(self.ticket, self.at.now)

    def execute(self) -> Authenticator:
        """Password and factor; with a factor ticket what was lost goes first."""
        person = Person.objects.select_for_update().get(pk=self.ticket.person_id)
        if self.ticket.purpose == Purpose.FACTOR.value:
            self._forget(person)
        if self.password is not None:
            person.set_password(self.password)
            person.save(update_fields=["password"])
        return enrol_totp(person, self.secret, by=self.by, at=self.at)

    def _forget(self, person: Person) -> None:
        for device in list(devices_for_user(person)):
            device.delete()
        Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
        bar_person(person, "new second factor in place of lost ones", by=self.by, at=self.at)
        person.refresh_from_db()

    def record(self, result: Authenticator) -> Record:  # noqa: ARG002  (the base's signature)
        """Which ticket."""
        facts = {"ticket": str(self.ticket.public_id), "purpose": self.ticket.purpose}
        return Record(IdentityEvent.TICKET_USED, str(self.ticket.person.public_id), {**facts})


def accept_ticket(ticket: Ticket, password: str | None, secret: bytes, *, at: Moment) -> Authenticator:
    """Begin, or begin again, with a confirmed authenticator; raises TicketInvalid or NameInvalid."""
    actor = ticket.person.actor
    holder = Principal(PrincipalKind.PERSON, actor, actor, scopes=frozenset({Scope.SESSION}))
    return AcceptTicket(ticket=ticket, password=password, secret=secret, by=holder, at=at).run()
