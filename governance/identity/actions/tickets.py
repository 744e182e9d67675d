"""Single-use tickets: made for somebody, shown once to who made them, used once by whom they are for.

Guarantees that the token is stored as a digest, that using it is a compare-and-swap on the row, and that unknown,
used, withdrawn and lapsed tickets get one answer.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import Role
from governance.identity.core.tickets import Purpose
from governance.identity.errors import Gone, NotAllowed, TicketInvalid
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.ticket import Ticket
from governance.identity.moment import Moment

TOKEN_BYTES = 32
LIFE = {Purpose.INVITATION: timedelta(days=7), Purpose.FACTOR: timedelta(hours=24)}
INVITERS = frozenset({Role.PLATFORM_OPERATOR, Role.TENANT_ADMIN, Role.COMPLIANCE_OFFICER})


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """The row, and the token that is shown once."""

    row: Ticket
    token: str = field(repr=False)


def check_inviter(by: Principal) -> None:
    """Raise NotAllowed for who may not invite: it gives no role, so it needs no decision."""
    if by.kind is not PrincipalKind.MACHINE and not (by.in_session and by.roles & INVITERS):
        words = ", ".join(sorted(role.words for role in INVITERS))
        raise NotAllowed("Inviting takes one of some roles", why=words)


@dataclass(frozen=True, kw_only=True)
class CreateTicket(Action[IssuedTicket]):
    """A new ticket withdraws those of the same purpose that are still open."""

    person: Person
    purpose: Purpose

    def check(self) -> None:
        """Right, and that an invitation is for somebody who has not begun."""
        if self.purpose is Purpose.FACTOR:
            self.require_platform()
        else:
            check_inviter(self.by)
        if self.by.actor == self.person.actor:
            raise NotAllowed("Nobody makes a ticket for themselves", next_step="Ask somebody else.")
        if not self.person.is_active or (self.purpose is Purpose.INVITATION and self.person.has_usable_password()):
            raise Gone("This person needs no invitation", next_step="They sign in, or get leave to enrol a factor.")

    def execute(self) -> IssuedTicket:
        """One row with the digest."""
        Ticket.objects.live(self.at.now).filter(person=self.person, purpose=self.purpose.value).update(
            withdrawn=self.at.now
        )
        token = self.at.entropy(TOKEN_BYTES)
        row = Ticket.objects.create(
            public_id=self.at.new_id(),
            digest=hashlib.sha256(token).digest(),
            person=self.person,
            purpose=self.purpose.value,
            created_by=self.by.actor,
            created=self.at.now,
            expires=self.at.now + LIFE[self.purpose],
        )
        return IssuedTicket(row, base64.urlsafe_b64encode(token).rstrip(b"=").decode())

    def record(self, result: IssuedTicket) -> Record:
        """What it opens, and until when."""
        facts = {**_facts(result.row), "expires": result.row.expires.isoformat()}
        return Record(IdentityEvent.TICKET_CREATED, str(self.person.public_id), {**facts})


@dataclass(frozen=True, kw_only=True)
class WithdrawTicket(Action[Ticket]):
    """By who may make one."""

    ticket: Ticket

    def check(self) -> None:
        """Right and state."""
        check_inviter(self.by)
        if not Ticket.objects.select_for_update(of=("self",)).live(self.at.now).filter(pk=self.ticket.pk).exists():
            raise Gone("This link opens nothing any more", next_step="Nothing needs to be done.")

    def execute(self) -> Ticket:
        """One column."""
        self.ticket.withdrawn = self.at.now
        self.ticket.save(update_fields=["withdrawn"])
        return self.ticket

    def record(self, result: Ticket) -> Record:
        """Which."""
        return Record(IdentityEvent.TICKET_WITHDRAWN, str(result.person.public_id), {**_facts(result)})


def create_ticket(person: Person, purpose: Purpose, *, by: Principal, at: Moment) -> IssuedTicket:
    """Make a ticket; raises NotAllowed or Gone."""
    return CreateTicket(person=person, purpose=purpose, by=by, at=at).run()


def withdraw_ticket(ticket: Ticket, *, by: Principal, at: Moment) -> Ticket:
    """End a ticket early; raises NotAllowed or Gone."""
    return WithdrawTicket(ticket=ticket, by=by, at=at).run()


def open_ticket(token: str, purpose: Purpose, now: datetime) -> Ticket:
    """The ticket that `token` opens at `now`; it stays unused. Raises TicketInvalid."""
    rows = Ticket.objects.live(now).select_related("person")
    row = rows.filter(digest=_digest(token), purpose=purpose.value, person__is_active=True).first()
    if row is None:
        raise TicketInvalid("This link opens nothing")
    return row


def use_ticket(ticket: Ticket, now: datetime) -> None:
    """Use it up, in the caller's transaction; raises TicketInvalid where somebody else was first."""
    if Ticket.objects.live(now).filter(pk=ticket.pk).update(used=now) != 1:
        raise TicketInvalid("This link opens nothing")


def _digest(token: str) -> bytes:
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    return hashlib.sha256(raw).digest()


def _facts(row: Ticket) -> dict[str, str]:
    return {"ticket": str(row.public_id), "purpose": row.purpose}
