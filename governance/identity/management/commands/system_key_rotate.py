"""`system_key_rotate KEY`: a new secret for a system key, revealed once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from governance.identity.actions.rotate_system_key import rotate_system_key
from governance.identity.management.command import IdentityCommand
from governance.identity.selectors.system_keys import key_row


class Command(IdentityCommand):
    """Rotate a system key."""

    help = "Give a system key a new secret; the old one works until the overlap ends. The token is told once, here."
    example = "system_key_rotate 01a1fe53-ed83-78f2-81a6-b16b4972658b --overlap 24"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which key, and for how long both secrets work."""
        parser.add_argument("key", metavar="KEY", type=uuid.UUID, help="id of the key, as lists show it")
        parser.add_argument("--overlap", type=float, default=24.0, metavar="HOURS", help="24 unless given; 0 for none")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One audited rotation."""
        self.founded()
        issued = rotate_system_key(
            key_row(options["key"]), timedelta(hours=options["overlap"]), by=self.by, at=self.moment()
        )
        until = issued.key.previous_until
        return {
            "id": str(issued.key.public_id),
            "name": issued.key.name,
            "overlap_until": until.isoformat() if until else None,
            "token": issued.token.reveal(),
        }

    def words(self, told: dict[str, Any]) -> str:
        """The token, once."""
        return (
            f"New secret of system key {told['name']}; the old one works until {told['overlap_until']}\n"
            f"{told['token']}\nThe token is told once. Next: give it to the program before the overlap ends."
        )
