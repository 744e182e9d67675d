"""`key_retire NS/NAME KID`: end the overlap of a rotation; the old checkpoint key signs no later head."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.key_command import KeyCommand, named_stream, told_change
from ledger.services.keys import retire


class Command(KeyCommand):
    """Retire a checkpoint key."""

    help = "Retire a checkpoint key of a stream. What it signed stays valid at its sizes; later heads need the others."
    example = "key_retire acme/decisions 4f2a0c9be1d84c7792a6d1e0b35c8e14"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which key."""
        super().add_arguments(parser)
        parser.add_argument("kid", metavar="KID")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Retire it, and tell leaf and keys."""
        target, dry = named_stream(options), bool(options["dry_run"])
        changed = retire(target, options["kid"], actor=self.actor(), dry_run=dry)
        return told_change(target, changed, dry_run=dry)

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        if not told["done"]:
            return f"Would retire {told['retired'][0]} of {told['origin']}. Nothing was done."
        return f"Leaf {told['leaf']:,} retires {told['retired'][0]}. Its line is gone from the next checkpoint on."
