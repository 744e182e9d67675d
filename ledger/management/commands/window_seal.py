"""`window_seal NS/NAME`: close the open window now and sign a checkpoint."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors import checkpoints
from ledger.selectors.streams import stream
from ledger.services.seal import seal_window


class Command(LedgerCommand):
    """Seal a stream."""

    help = "Close the open window of a stream now, and sign a checkpoint over the whole log."
    example = "window_seal acme/decisions"

    def add_arguments(self, parser: CommandParser) -> None:
        """The stream alone."""
        parser.add_argument("stream", metavar="NS/NAME")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Seal it; a window without events is left open."""
        namespace, name = stream_name(options["stream"])
        sealed = seal_window(stream(namespace, name).id, reason="request")
        newest = checkpoints.newest(stream(namespace, name))
        return {
            "sealed": sealed is not None,
            "window": None if sealed is None else sealed.number,
            "from": None if sealed is None else sealed.start,
            "to": None if sealed is None else sealed.end,
            "count": 0 if sealed is None else sealed.count,
            "size": None if newest is None else newest.size,
            "root": None if newest is None else newest.root.hex(),
        }

    def words(self, told: dict[str, Any]) -> str:
        """What was closed, and what the checkpoint covers."""
        if not told["sealed"]:
            return "No event was waiting: nothing was sealed."
        window = f"Window {told['window']} closed over leaves {told['from']:,} to {told['to']:,}"
        return f"{window}; checkpoint over {told['size']:,} leaves, root {told['root']}"
