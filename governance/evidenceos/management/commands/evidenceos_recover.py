"""`evidenceos_recover`: write what was decided and is not written yet, tell and watch daemons, find foreign writes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from governance.evidenceos.actions.carry import quietly, unwritten
from governance.evidenceos.actions.give_up import give_up
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.selectors.files import plan_view
from governance.evidenceos.selectors.telling import told
from ledger.management.command import REFUSED


class Command(EvidenceOSCommand):
    """End what a crash, a full disk or a foreign hand left open."""

    help = (
        "Write what was decided and is not written yet, from where the last writer stopped; then tell and watch the "
        "daemons, and compare every directory. The worker does the same every few seconds. Exit 1 while something "
        "stays unwritten, with the reason."
    )
    example = "evidenceos_recover --json"
    left = 0

    def add_arguments(self, parser: CommandParser) -> None:
        """Everything, or one change that is to be given up."""
        parser.add_argument("--give-up", default="", metavar="CHANGE", help="end this change's plan unwritten")
        parser.add_argument("--reason", default="", help="why it is given up; stands in the record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell, and exit by what is left."""
        super().handle(*args, **options)
        if self.left:
            raise CommandError(
                f"{self.left} decided changes are not written. Next: read their reasons above.", returncode=REFUSED
            )

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """What was written, and what is left with its reason."""
        at = self.moment()
        if options["give_up"]:
            row = give_up(options["give_up"], options["reason"], by=self.by, at=at)
            return {"given_up": told(plan_view(row))}
        done = [row.change for row in unwritten() if quietly(row.pk, at.now)]
        drifted = tend(at, at_once=True)
        rows = unwritten()
        self.left = len(rows)
        return {"written": done, "unwritten": [told(plan_view(row)) for row in rows], "drifted": drifted}
