"""`evidenceos_adopt SLUG`: read and verify a data directory whole, and take it over as it is."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.core.directory import file_rows
from governance.evidenceos.files.snapshot import fresh
from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.selectors.targets import any_target
from ledger.core.types import JSON


class Command(EvidenceOSCommand):
    """Import first: nothing is changed."""

    help = (
        "Read and verify everything in a target's directory, show what does not verify and why, and keep what is there "
        "as what should be there. No byte is changed. Done again, it accepts what others wrote since; once the "
        "deployment is founded, a change of the kind drift.accept does that instead."
    )
    example = "evidenceos_adopt lab --look"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--look", action="store_true", help="only show what would be taken over")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """The verdict of the whole, and a row for each file."""
        slug = options["slug"]
        if options["look"]:
            now = int(self.moment().now.timestamp())
            found = fresh(any_target(slug).path, now=now, whole=True).directory
            return self._told(slug, found.verdict, file_rows(found), adopted=False)
        row = adopt(slug, by=self.by, at=self.moment())
        return self._told(slug, row.verdict, row.files, adopted=True) | {"index": row.index}

    def _told(self, slug: str, verdict: str, rows: list[JSON], *, adopted: bool) -> dict[str, Any]:
        return {"target": slug, "adopted": adopted, "verdict": verdict, "files": rows}
