"""Somebody is invited: a person without any right, and a ticket with which they begin."""

from __future__ import annotations

from django.db import transaction

from governance.identity.actions.create_person import CreatePerson
from governance.identity.actions.tickets import IssuedTicket, check_inviter, create_ticket
from governance.identity.core.principal import Principal
from governance.identity.core.tickets import Purpose
from governance.identity.models.person import Person
from governance.identity.moment import Moment


class _Invited(CreatePerson):
    """Whoever may invite enters the person: it gives no right."""

    def check_right(self) -> None:
        """One of the roles that invite."""
        check_inviter(self.by)


@transaction.atomic
def invite_person(
    email: str, name: str, *, by: Principal, at: Moment, unit: str = ""
) -> tuple[Person, IssuedTicket]:  # fmt: skip
    """Enter a person and make their invitation; `unit` is their organisational unit, which only a change moves later.

    Raises NotAllowed, NameInvalid or NameTaken.
    """
    person = _Invited(email=email, display_name=name, password=None, unit=unit, by=by, at=at).run()
    return person, create_ticket(person, Purpose.INVITATION, by=by, at=at)
