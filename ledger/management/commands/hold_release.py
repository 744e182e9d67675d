"""`hold_release NS/NAME`: release what is held under a case."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.streams import stream
from ledger.services.holds import release_hold

ACTOR = "command:hold_release"


class Command(LedgerCommand):
    """Release a hold."""

    help = "Release everything that is held under a case; retention may erase it from then on."
    example = 'hold_release acme/decisions --case 2026-118 --reason "the case is closed"'

    def add_arguments(self, parser: CommandParser) -> None:
        """The case, and why."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--case", required=True)
        parser.add_argument("--reason", required=True, help="stays in the log for ever: no names of persons")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Release it."""
        found = stream(*stream_name(options["stream"]))
        done = release_hold(found, case=options["case"], reason=options["reason"], by=ACTOR)
        return {"case": options["case"], "leaves": list(done.leaves), "events": done.events}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        leaves = ", ".join(f"{index:,}" for index in told["leaves"])
        return f"Case {told['case']} is released: {told['events']:,} events are no longer held by it; leaves: {leaves}"
