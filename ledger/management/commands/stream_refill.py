"""`stream_refill NS/NAME [--from DIR] [--dry-run]`: put back leaves that a restored database lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand
from ledger.management.key_command import named_stream
from ledger.services.refill import refill


class Command(LedgerCommand):
    """Refill a stream."""

    help = (
        "Put back the leaves that the head guard remembers and the restored database lacks, from the entry bundles of "
        "the store. Only the guard's own history is inserted; contents of events are in no bundle and stay lacking."
    )
    example = "stream_refill acme/decisions --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        """The stream, where else to look, and whether to look only."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument(
            "--from", dest="folder", metavar="DIR", type=Path,
            help="a folder with tile/entries/… of a mirror, or single leaves as leaf/INDEX; it is asked first",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="prove the leaves, and change nothing")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Refill it; repeated, it goes on where it was."""
        return refill(named_stream(options), folder=options["folder"], dry_run=options["dry_run"]).to_json()

    def words(self, told: dict[str, Any]) -> str:
        """What was put back, what is lacking, and whether the stream goes on."""
        if not told["leaves"]:
            lines = [f"{told['origin']}: the database holds every leaf that the head guard remembers."]
        else:
            verb = "would be put back" if told["dry_run"] else "put back"
            lines = [f"{told['origin']}: {told['leaves']:,} leaves from {told['first']:,} on {verb}."]
        if told["lacking_objects"]:
            lines.append(
                f"Lacking: attributes and payloads of {told['events']:,} events ({told['lacking_objects']:,} objects). "
                "One that is sent again becomes a new leaf."
            )
        lines += [f"The checkpoint over {size:,} leaves cannot be signed again." for size in told["unsigned"]]
        goes_on = "The stream goes on." if not told["code"] else f"The stream is refused: {told['code']}."
        return "\n".join(lines if told["dry_run"] else [*lines, goes_on])
