"""`hold_place NS/NAME`: hold events, so that nobody erases their content."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.management.commands.payload_erase import add_events, events_of
from ledger.selectors.streams import stream
from ledger.services.holds import place_hold

ACTOR = "command:hold_place"


class Command(LedgerCommand):
    """Place a hold."""

    help = "Hold events: neither retention nor a request erases their content until the case is released."
    example = 'hold_place acme/decisions --case 2026-118 --from 4 --to 99 --reason "court order"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Which events, under which case, and why."""
        parser.add_argument("stream", metavar="NS/NAME")
        add_events(parser)
        parser.add_argument(
            "--case", required=True, help="reference by which it is released; stays in the log for ever"
        )
        parser.add_argument("--reason", required=True, help="stays in the log for ever: no names of persons")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Place it, and tell what the case covers now."""
        found = stream(*stream_name(options["stream"]))
        spans = events_of(found, options)
        placed = place_hold(found, spans, case=options["case"], reason=options["reason"], by=ACTOR)
        return {
            "case": options["case"],
            "leaves": list(placed.leaves),
            "events": placed.events,
            "erased": placed.erased,
        }

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        gone = f"; of {told['erased']:,} some part was erased before" if told["erased"] else ""
        leaves = ", ".join(f"{index:,}" for index in told["leaves"]) or "none, it was held before"
        return f"Case {told['case']} holds {told['events']:,} events{gone}; hold leaves: {leaves}"
