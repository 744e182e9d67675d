"""`gaps_declare NS/NAME`: how often events are expected, and whether they are numbered."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.management.commands.retention_set import number_or_never
from ledger.selectors.streams import stream
from ledger.services.terms import KEEP, Change, declare

ACTOR = "command:gaps_declare"
_ON = {"on": True, "off": False}


class Command(LedgerCommand):
    """Declare rhythm and sequence."""

    help = (
        "Declare how often events are expected, and whether the CloudEvents `sequence` of each source counts without "
        "gaps. From then on silence and skipped numbers become gap leaves. A terms leaf says so."
    )
    example = 'gaps_declare acme/decisions --every 300 --sequence on --reason "agreed with the source"'

    def add_arguments(self, parser: CommandParser) -> None:
        """What is not named stays as it is."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--every", type=number_or_never, default=KEEP, metavar="SECONDS|never")
        parser.add_argument("--sequence", choices=tuple(_ON))
        parser.add_argument("--reason", required=True, help="stays in the log for ever: no names of persons")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Declare it, and tell what holds."""
        found = stream(*stream_name(options["stream"]))
        sequence = KEEP if options["sequence"] is None else _ON[options["sequence"]]
        change = Change(expected_every_s=options["every"], sequence=sequence)
        now = declare(found, change, reason=options["reason"], by=ACTOR)
        return {"leaf": now.index, "expected_every_s": now.expected_every_s, "sequence": now.sequence}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        every = told["expected_every_s"]
        rhythm = "no rhythm" if every is None else f"an event every {every:,} s"
        return f"Declared: {rhythm}, {'numbered events' if told['sequence'] else 'no numbering'} (leaf {told['leaf']})"
