"""`retention_set NS/NAME`: after how many days attributes and payloads are erased."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.streams import stream
from ledger.services.terms import KEEP, Change, declare

ACTOR = "command:retention_set"
NEVER = "never"


class Command(LedgerCommand):
    """Declare retention."""

    help = "Declare after how many days payloads and attributes are erased; `never` keeps them. A terms leaf says so."
    example = 'retention_set acme/decisions --payload-days 180 --reason "policy R-4"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Days for each part; what is not named stays as it is."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--payload-days", type=number_or_never, default=KEEP, metavar="N|never")
        parser.add_argument("--attrs-days", type=number_or_never, default=KEEP, metavar="N|never")
        parser.add_argument("--reason", required=True, help="stays in the log for ever: no names of persons")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Declare it, and tell what holds."""
        found = stream(*stream_name(options["stream"]))
        change = Change(payload_days=options["payload_days"], attrs_days=options["attrs_days"])
        now = declare(found, change, reason=options["reason"], by=ACTOR)
        return {"leaf": now.index, "payload_days": now.payload_days, "attrs_days": now.attrs_days}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        parts = (("payloads", told["payload_days"]), ("attributes", told["attrs_days"]))
        rules = ", ".join(f"{name} {'for ever' if days is None else f'for {days:,} days'}" for name, days in parts)
        return f"Kept: {rules} (leaf {told['leaf']})"


def number_or_never(text: str) -> int | None:
    """A whole number, or None for `never`."""
    if text == NEVER:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a whole number nor {NEVER}")
    return int(text)
