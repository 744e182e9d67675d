"""`ledger_verify [NS/NAME] --mode quick|full`: re-hash what is stored, a sample of it or all of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ledger.errors import NotThere
from ledger.management.command import REFUSED, LedgerCommand, stream_name
from ledger.management.progress import Progress
from ledger.selectors.readiness import all_streams
from ledger.selectors.streams import StreamView, stream
from ledger.services.verify_store import SAMPLE, VerifyOptions, leaves_to_look_at, verify_store

INCOMPLETE = 2
EXITS = {"verified": 0, "rejected": REFUSED, "incomplete": INCOMPLETE}


class Command(LedgerCommand):
    """Verify what is stored."""

    help = (
        "Re-hash what is stored and compare it with what was signed. Exit 0 verified, 1 rejected, "
        "2 incomplete. `quick` looks at the leaves since the last checkpoint and at a random sample of the others, "
        "and says what that is worth; `full` looks at everything, and goes on where it was when it was ended."
    )
    example = "ledger_verify acme/decisions --mode full --report report.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """One stream or all of them."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?")
        parser.add_argument("--mode", choices=("quick", "full"), default="quick")
        parser.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help="quick: leaves to look at")
        parser.add_argument("--seed", help="quick: look at the same leaves again, by the seed that a run told")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="full: how many")
        parser.add_argument("--restart", action="store_true", help="full: forget what an ended run has finished")
        parser.add_argument("--report", type=Path, help="write the whole report there, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the outcome, and exit by it."""
        super().handle(*args, **options)
        if self.outcome != "verified":
            raise CommandError(
                f"The store is {self.outcome}. Next: keep everything as it is and read the report.",
                returncode=EXITS[self.outcome],
            )

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Verify each stream, and write the report."""
        streams = list(all_streams()) if options["stream"] is None else [stream(*stream_name(options["stream"]))]
        reports = [_verified(one, options) for one in streams]
        found = {report["outcome"] for report in reports}
        self.outcome = next((one for one in ("rejected", "incomplete") if one in found), "verified")
        told = {"outcome": self.outcome, "mode": options["mode"], "streams": reports}
        if options["report"] is not None:
            _write(options["report"], told)
        return told

    def words(self, told: dict[str, Any]) -> str:
        """A line for each stream and each problem."""
        lines = []
        for one in told["streams"]:
            counts = ", ".join(f"{number:,} {what}" for what, number in one["checked"].items())
            lines.append(f"{one['outcome']}: {one['origin']} ({counts or 'nothing checked'})")
            lines += [f"  {one['sample']['sentence']} Seed {one['sample']['seed']}."] if "sample" in one else []
            lines += [f"  {row['code']} at {row['path']}: {row['message']}" for row in one["problems"]]
        return "\n".join(lines) or "There is no stream."


def _verified(one: StreamView, options: dict[str, Any]) -> dict[str, Any]:
    chosen = VerifyOptions(max(1, options["processes"]), options["restart"], max(0, options["sample"]), options["seed"])
    bar = Progress(
        leaves_to_look_at(one, options["mode"], chosen), f"leaves of {one.namespace}/{one.name}", silent=options["json"]
    )
    return verify_store(one, options["mode"], bar.show, chosen).to_json()


def _write(place: Path, told: dict[str, Any]) -> None:
    try:
        place.write_text(json.dumps(told, indent=2) + "\n")
    except OSError as error:
        raise NotThere("The report cannot be written", why=str(error), next_step="Name another file.") from error
