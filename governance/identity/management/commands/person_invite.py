"""`person_invite EMAIL NAME`: a person without any right, and the link with which they begin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from governance.identity.actions.invite_person import invite_person
from governance.identity.actions.tickets import create_ticket
from governance.identity.core.tickets import Purpose
from governance.identity.management.command import IdentityCommand, person_of


class Command(IdentityCommand):
    """Invite somebody, or give them leave to replace lost factors."""

    help = "Enter a person and print the link with which they set a password and enrol a factor, once."
    example = "person_invite ada@acme.example 'Ada Lovelace' --unit north"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who; or whose factors are lost."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("name", metavar="NAME", nargs="?", default="")
        parser.add_argument("--unit", default="", help="their organisational unit, such as north-2")
        parser.add_argument(
            "--again", action="store_true", help="for somebody who is entered: a new invitation, or a new factor"
        )

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One audited ticket, with the person where they are new."""
        self.founded()
        if options["again"]:
            person = person_of(options["email"])
            purpose = Purpose.FACTOR if person.has_usable_password() else Purpose.INVITATION
            issued = create_ticket(person, purpose, by=self.by, at=self.moment())
        else:
            person, issued = invite_person(
                options["email"], options["name"], unit=options["unit"], by=self.by, at=self.moment()
            )
        link = f"{str(settings.COUNTERSIGN_SITE_URL).rstrip('/')}/invitation/{issued.token}/"
        ends = issued.row.expires.isoformat()
        return {"id": str(person.public_id), "email": person.email, "link": link, "expires": ends}

    def words(self, told: dict[str, Any]) -> str:
        """The link, which is printed here alone."""
        return f"Give this link to {told['email']}; it works once, until {told['expires']}:\n{told['link']}"
