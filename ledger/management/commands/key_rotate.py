"""`key_rotate NS/NAME --use USE`: a new signing key, announced in the log by a leaf that old and new sign."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.key_command import KeyCommand, named_stream, told_change
from ledger.models import KeyAlg, KeyUse
from ledger.services.keys import rotate


class Command(KeyCommand):
    """Give a stream a new key."""

    help = (
        "Give a stream a new signing key. A receipt or export key replaces the old one at once; a checkpoint key signs "
        "beside it until key_retire."
    )
    example = "key_rotate acme/decisions --use checkpoint"

    def add_arguments(self, parser: CommandParser) -> None:
        """Use and algorithm."""
        super().add_arguments(parser)
        parser.add_argument("--use", choices=KeyUse.values, required=True)
        parser.add_argument("--alg", choices=KeyAlg.values, default=KeyAlg.ED25519.value, help="for checkpoints")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Rotate, and tell leaf and keys."""
        target, dry = named_stream(options), bool(options["dry_run"])
        changed = rotate(target, options["use"], alg=options["alg"], actor=self.actor(), dry_run=dry)
        return told_change(target, changed, dry_run=dry) | {"use": options["use"], "alg": options["alg"]}

    def words(self, told: dict[str, Any]) -> str:
        """What stands in the log now, and what comes next."""
        if not told["done"]:
            old = f", in place of {', '.join(told['retired'])}" if told["retired"] else ""
            return f"Would add a {told['alg']} key for {told['use']} to {told['origin']}{old}. Nothing was done."
        line = f"Leaf {told['leaf']:,} adds {told['use']} key {told['added'][0]}"
        if told["retired"]:
            return f"{line} and retires {told['retired'][0]}."
        keys = "\n".join(f"  {vkey}" for vkey in told["log_keys"])
        return f"{line}. Checkpoints carry the lines of all of:\n{keys}\nGive readers the new one, then key_retire."
