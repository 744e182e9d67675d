"""`key_destroy NS/NAME KID`: let the private half of a retired key go, once all its signatures are stored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.key_command import KeyCommand, named_stream, told_change
from ledger.services.keys import destroy


class Command(KeyCommand):
    """Destroy a private half."""

    help = "Destroy the private half of a retired key, for ever. Refused while a signature by it may still be needed."
    example = "key_destroy acme/decisions 4f2a0c9be1d84c7792a6d1e0b35c8e14"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which key."""
        super().add_arguments(parser)
        parser.add_argument("kid", metavar="KID")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Destroy it."""
        target, dry = named_stream(options), bool(options["dry_run"])
        changed = destroy(target, options["kid"], actor=self.actor(), dry_run=dry)
        return told_change(target, changed, dry_run=dry) | {"kid": options["kid"]}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        if not told["done"]:
            return f"Nothing is owed by {told['kid']}: its private half may go. Nothing was done."
        return f"The private half of {told['kid']} is gone from the database; backups still hold it, sealed."
