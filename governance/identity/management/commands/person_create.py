"""`person_create EMAIL`: somebody who can sign in, with an authenticator and recovery codes, told once."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import transaction

from governance.identity.actions.create_person import create_person
from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.actions.enrol_totp import TOTP_SECRET_BYTES, enrol_totp
from governance.identity.management.command import IdentityCommand
from governance.identity.one_time import otpauth_url

PASSWORD_BYTES = 15


class Command(IdentityCommand):
    """Create a person."""

    help = "Create a person with a password, an authenticator and recovery codes; all are told once, here."
    example = "person_create ada@acme.example --name 'Ada Lovelace'"

    def add_arguments(self, parser: CommandParser) -> None:
        """The address they sign in with, and what they are called."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True, help="what people read beside what they did")
        parser.add_argument("--unit", default="", help="their organisational unit, such as north-2")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Person, factor and codes stand or fall together; the person may not do anything yet."""
        self.founded()
        at = self.moment()
        password = base64.b32encode(at.entropy(PASSWORD_BYTES)).decode().lower()
        secret = at.entropy(TOTP_SECRET_BYTES)
        with transaction.atomic():
            person = create_person(
                options["email"], options["name"], password, unit=options["unit"], by=self.by, at=at
            )  # fmt: skip
            enrol_totp(person, secret, by=self.by, at=self.moment())
            codes = create_recovery_codes(person, by=self.by, at=self.moment())
        link = otpauth_url(secret, person.email, settings.OTP_TOTP_ISSUER)
        return {
            "id": str(person.public_id),
            "email": person.email,
            "password": password,
            "otpauth": link,
            "recovery_codes": list(codes),
        }

    def words(self, told: dict[str, Any]) -> str:
        """Everything that is never shown again."""
        codes = "\n".join(f"  {code}" for code in told["recovery_codes"])
        return (
            f"{told['email']} ({told['id']})\nPassword        {told['password']}\nAuthenticator   {told['otpauth']}\n"
            f"Recovery codes, each for one sign-in:\n{codes}\n"
            f"These are told once. Next: role_grant {told['email']} ROLE --tenant SLUG."
        )
