"""`evidenceos_verify SLUG [files|events]`: whether a data directory, or the log of events in it, verifies now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from governance.evidenceos.core.directory import file_rows
from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.selectors.events import verified
from governance.evidenceos.selectors.targets import any_target, snapshot
from governance.evidenceos.selectors.telling import told
from ledger.management.command import REFUSED, STOPPED

EXITS = {"rejected": REFUSED, "incomplete": STOPPED}


class Command(EvidenceOSCommand):
    """Read and judge; nothing is kept."""

    help = (
        "Verify what a target's directory holds now: every file with its verdict, or every line of upstream's log of "
        "events with what its signature proves, the decision of ours that led to it, lines that name a decision "
        "which this record does not have, and decisions whose line is gone. Exit 0 where everything verifies, 1 "
        "where something is wrong, 2 where nothing is wrong and something could not be checked."
    )
    example = "evidenceos_verify lab events"
    verdict = "verified"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which target, and what of it."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("what", choices=["files", "events"], nargs="?", default="files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell, and exit by the verdict."""
        super().handle(*args, **options)
        if self.verdict in EXITS:
            told = f"{options['slug']} is {self.verdict}. Next: read the faults above."
            raise CommandError(told, returncode=EXITS[self.verdict])

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """The verdict, and what it rests on."""
        one, now = any_target(options["slug"]), self.moment().now
        if options["what"] == "events":
            found = verified(one, now)
            self.verdict = found.verdict
            return {"target": one.slug, **told(found)}
        directory = snapshot(one, now, whole=True).directory
        self.verdict = directory.verdict
        return {"target": one.slug, "verdict": directory.verdict, "files": file_rows(directory)}
