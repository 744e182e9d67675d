"""`reliance_set NS/NAME`: pause reliance on a range of leaves, or resume it, by the audited action."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from governance.identity.core.principal import machine
from governance.identity.moment import Moment
from governance.operations.actions.set_reliance import set_reliance
from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.streams import stream


class Command(LedgerCommand):
    """Pause or resume."""

    help = "Pause reliance on a range of leaves, or resume it: a control leaf that every bundle of the range carries."
    example = 'reliance_set acme/decisions --from 120 --to 480 --state paused --reason "another history was shown"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Stream, range, state and why."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--from", dest="first", type=int, required=True, metavar="I", help="first leaf")
        parser.add_argument("--to", dest="last", type=int, required=True, metavar="J", help="last leaf, inside")
        parser.add_argument("--state", choices=("paused", "resumed"), required=True)
        parser.add_argument("--reason", required=True, help="why; stays in the log for ever")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Write the leaf, and tell where it stands."""
        leaf = set_reliance(
            stream(*stream_name(options["stream"])),
            options["first"],
            options["last"],
            paused=options["state"] == "paused",
            reason=options["reason"],
            by=machine("machine:reliance_set"),
            at=Moment(timezone.now(), secrets.token_bytes),
        )
        names = ("stream", "first", "last", "state")
        return {**{name: options[name] for name in names}, "leaf": leaf.index}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        span = f"leaves {told['first']:,} to {told['last']:,}"
        return f"{told['stream']}: reliance on {span} is {told['state']}, by leaf {told['leaf']:,}."
