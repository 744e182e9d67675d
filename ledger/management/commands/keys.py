"""`keys NS/NAME`: every signing key of a stream, and for which leaves it is valid."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand
from ledger.management.key_command import named_stream, told_key
from ledger.selectors.keys import keys_of
from ledger.services.keys import owes


class Command(LedgerCommand):
    """List the keys."""

    help = "List the signing keys of a stream: use, span of leaves, and whether a private half may be destroyed."
    example = "keys acme/decisions"

    def add_arguments(self, parser: CommandParser) -> None:
        """The stream alone."""
        parser.add_argument("stream", metavar="NS/NAME")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Read them; `owes` says why a private half must stay."""
        target = named_stream(options)
        rows = [told_key(key) | {"owes": owes(target, key) or None} for key in keys_of(target.id)]
        return {"origin": target.origin, "size": target.size, "signed_size": target.signed_size, "keys": rows}

    def words(self, told: dict[str, Any]) -> str:
        """One line for each key."""
        return "\n".join([f"{told['origin']}, {told['size']:,} leaves", *map(_line, told["keys"])])


def _line(row: dict[str, Any]) -> str:
    end = "in force" if row["valid_to"] is None else f"to {row['valid_to'] - 1:,}, retired"
    state = "private half kept" if row["private_half"] else "private half destroyed"
    paused = f"; paused: {row['paused']}" if row["paused"] else ""
    return f"{row['use']:<10} {row['alg']:<9} {row['kid']}  leaves {row['valid_from']:,} on, {end}; {state}{paused}"
