"""`system_key_disable KEY`: a system key is switched off for good."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import CommandParser

from governance.identity.actions.disable_system_key import disable_system_key
from governance.identity.management.command import IdentityCommand
from governance.identity.selectors.system_keys import key_row


class Command(IdentityCommand):
    """Disable a system key."""

    help = "Switch a system key off for good, with both of its secrets. What it appended stays."
    example = "system_key_disable 01a1fe53-ed83-78f2-81a6-b16b4972658b"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which key."""
        parser.add_argument("key", metavar="KEY", type=uuid.UUID, help="id of the key, as lists show it")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One audited end."""
        self.founded()
        row = disable_system_key(key_row(options["key"]), by=self.by, at=self.moment())
        return {"id": str(row.public_id), "name": row.name, "state": row.state}

    def words(self, told: dict[str, Any]) -> str:
        """What it is now."""
        return f"System key {told['name']} is disabled. There is no way back: key_create makes a new one."
