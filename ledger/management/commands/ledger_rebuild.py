"""`ledger_rebuild [NS/NAME] [--dry-run]`: make again, from the leaves, what is derived from them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.management.progress import Progress
from ledger.selectors.readiness import all_streams
from ledger.selectors.streams import StreamView, stream
from ledger.services.rebuild import rebuild


class Command(LedgerCommand):
    """Rebuild derived tables and files."""

    help = (
        "Make search columns, published files, the head's columns and the places of heads again from the leaves. "
        "Append-only rows are never touched; leaves that do not lead to the signed root are refused."
    )
    example = "ledger_rebuild acme/decisions --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        """One stream or all of them, and whether to look only."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?")
        parser.add_argument("--dry-run", action="store_true", help="show what differs, and change nothing")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Rebuild each stream."""
        streams = list(all_streams()) if options["stream"] is None else [stream(*stream_name(options["stream"]))]
        return {"dry_run": options["dry_run"], "streams": [_rebuilt(one, options) for one in streams]}

    def words(self, told: dict[str, Any]) -> str:
        """A line for each stream and each difference."""
        lines = []
        for one in told["streams"]:
            counts = ", ".join(f"{number:,} {what}" for what, number in one["differed"].items())
            verb = "differ" if told["dry_run"] else "made again"
            lines.append(f"{one['origin']}: {f'{counts} {verb}' if counts else 'everything is as the leaves say'}")
            lines += [f"  {row['place']}: {row['now']}" for row in one["differences"]]
        return "\n".join(lines) or "There is no stream."


def _rebuilt(one: StreamView, options: dict[str, Any]) -> dict[str, Any]:
    bar = Progress(2 * one.size, f"leaves of {one.namespace}/{one.name}, read twice", silent=options["json"])
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        bar.show(done)

    return rebuild(one, dry_run=options["dry_run"], tell=tell).to_json()
