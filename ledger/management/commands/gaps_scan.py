"""`gaps_scan [NS/NAME]`: look for gaps at the source now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.streams import stream
from ledger.services.gaps import scan, scan_all


class Command(LedgerCommand):
    """Look for gaps."""

    help = "Look for gaps at the source now, of one stream or of all; each gap is told once, by a gap leaf."
    example = "gaps_scan acme/decisions"

    def add_arguments(self, parser: CommandParser) -> None:
        """One stream or all."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Look, and tell how many leaves were written."""
        named = options["stream"]
        return {"leaves": scan(stream(*stream_name(named))) if named else scan_all()}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        return f"{told['leaves']:,} gap leaves were written."
