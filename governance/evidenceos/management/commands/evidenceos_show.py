"""`evidenceos_show SLUG WHAT [NAME]`: what a data directory holds, verified, as JSON."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.selectors.targets import all_targets, any_target
from governance.evidenceos.selectors.telling import LISTS, shown, told


class Command(EvidenceOSCommand):
    """Read, and say what verifies."""

    help = (
        "Show what a target's directory holds now: contracts, oracles, epoch, keys, canaries, events, files with their "
        "four states, what the watcher saw, and what was decided. What does not verify is shown with its reasons. "
        "Without a target, all targets."
    )
    example = "evidenceos_show lab nullspecs"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which target, what of it, and which one."""
        parser.add_argument("slug", metavar="SLUG", nargs="?", default="")
        parser.add_argument("what", choices=sorted(LISTS), nargs="?", default="files")
        parser.add_argument("name", metavar="NAME", nargs="?", default="", help="one of them: an id, a key or a line")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Everything that a page would show."""
        if not options["slug"]:
            return {"targets": told(all_targets())}
        one, now = any_target(options["slug"]), self.moment().now
        return {"target": one.slug, options["what"]: shown(one, options["what"], options["name"], now)}
