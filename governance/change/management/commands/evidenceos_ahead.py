"""`evidenceos_ahead SLUG`: what lapses in a data directory, and until when its renewal is safe."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.change.selectors.lapsing import expiring
from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.selectors.targets import any_target
from governance.evidenceos.selectors.telling import told


class Command(EvidenceOSCommand):
    """Read ahead."""

    help = (
        "Show active contracts and operator records in the order in which they lapse: through which epoch they hold, "
        "when that is where the length of an epoch is known, the last safe moment to submit the renewal (the lapse "
        "minus the time lock and the usual time of review), and the kind of change that renews them."
    )
    example = "evidenceos_ahead lab"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which target."""
        parser.add_argument("slug", metavar="SLUG")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One row for each."""
        one = any_target(options["slug"])
        return {"target": one.slug, "ahead": told(expiring(one, self.moment().now))}
