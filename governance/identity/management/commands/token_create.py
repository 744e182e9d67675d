"""`token_create EMAIL NAME`: a personal token, revealed once. It reads and drafts, and never decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from governance.identity.actions.create_personal_token import create_personal_token
from governance.identity.management.command import IdentityCommand, person_of

DEFAULT_DAYS = 90


class Command(IdentityCommand):
    """Create a personal token."""

    help = "Create a personal token for a person's scripts; it reads and drafts, and never decides."
    example = "token_create ada@acme.example reports --days 30"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, for which script, for how long."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("name", metavar="NAME", help="the script that will use it")
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="how long it lives, at most 366")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One audited token."""
        person, life = person_of(options["email"]), timedelta(days=options["days"])
        issued = create_personal_token(person, options["name"], life, by=self.by, at=self.moment())
        ends = issued.row.expires.isoformat()
        return {"id": str(issued.row.public_id), "email": person.email, "expires": ends, "token": issued.token.reveal()}

    def words(self, told: dict[str, Any]) -> str:
        """The token, once."""
        return f"Personal token of {told['email']} until {told['expires']}\n{told['token']}\nThe token is told once."
