"""`role_grant EMAIL ROLE`: a role in a tenant or on the platform, under separation of duties."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from governance.identity.actions.grant_membership import grant_membership
from governance.identity.core.roles import Role
from governance.identity.errors import NameInvalid
from governance.identity.management.command import IdentityCommand, person_of, tenant_of


class Command(IdentityCommand):
    """Grant a role."""

    help = "Give a person a role. Roles that exclude each other are refused, whoever asks."
    example = "role_grant ada@acme.example tenant_admin --tenant acme"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, what, where, until when."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("role", metavar="ROLE", choices=[role.value for role in Role])
        parser.add_argument("--tenant", metavar="SLUG", help="left out for roles of the platform")
        parser.add_argument("--expires", metavar="DATE", help="last day (UTC); guest auditors need one")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One audited grant."""
        person = person_of(options["email"])
        tenant = tenant_of(options["tenant"]) if options["tenant"] else None
        ends = _end_of(options["expires"]) if options["expires"] else None
        role = Role(options["role"])
        row = grant_membership(person, tenant, role, by=self.by, at=self.moment(), expires=ends)
        place = tenant.slug if tenant else None
        return {"id": str(row.public_id), "email": person.email, "role": role.value, "tenant": place}

    def words(self, told: dict[str, Any]) -> str:
        """Who is what, where."""
        place = f"in {told['tenant']}" if told["tenant"] else "on the platform"
        return f"{told['email']} is {Role(told['role']).words} {place}."


def _end_of(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.get_default_timezone())
    except ValueError as error:
        raise NameInvalid("Not a day", why=text[:80], next_step="Write it as 2026-12-14.") from error
    return day.replace(hour=23, minute=59, second=59)
