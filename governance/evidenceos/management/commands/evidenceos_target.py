"""`evidenceos_target SLUG DIRECTORY`: enter a data directory as a target, or set how its daemon is reloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from governance.evidenceos.actions.target import SetTarget, TargetSettings, set_target
from governance.evidenceos.management.command import EvidenceOSCommand
from governance.evidenceos.models import Reload


class Command(EvidenceOSCommand):
    """Enter a target."""

    help = (
        "Enter a data directory of EvidenceOS as a target, or set anew how its daemon is told to reload. Nothing in "
        "the directory is touched; evidenceos_adopt reads it."
    )
    example = "evidenceos_target lab /srv/evidenceos --words 'The laboratory' --reload signal --pid-file /run/eos.pid"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where it is, whose, and how it is reloaded."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("directory", metavar="DIRECTORY", type=Path)
        parser.add_argument("--words", default="", help="what people call it")
        parser.add_argument("--tenant", default="", metavar="SLUG", help="whose it is; the platform's without")
        parser.add_argument("--reload", choices=Reload.values, default=Reload.NONE.value)
        parser.add_argument("--pid-file", default="", metavar="FILE", help="for --reload signal")
        parser.add_argument("--program", default="", metavar="NAME", help="what the process of the pid file is called")
        parser.add_argument(
            "--reload-command", nargs="+", default=[], metavar="WORD", help="for --reload command; no shell runs it"
        )
        parser.add_argument("--log-file", default="", metavar="FILE", help="the daemon's log, to see it reload")
        parser.add_argument(
            "--without-provenance", action="store_true", help="its daemon does not run in production's provenance mode"
        )
        parser.add_argument("--epoch-seconds", type=int, metavar="N", help="how long a logical epoch lasts, if known")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One row and its event."""
        self.founded()
        settings = TargetSettings(
            path=options["directory"], words=options["words"], tenant=options["tenant"],
            reload=Reload(options["reload"]), pid_file=options["pid_file"], program=options["program"],
            command=tuple(options["reload_command"]), log_file=options["log_file"],
            is_production=not options["without_provenance"], epoch_seconds=options["epoch_seconds"],
        )  # fmt: skip
        row = set_target(SetTarget(slug=options["slug"], settings=settings, by=self.by, at=self.moment()))
        return {"target": row.slug, "id": str(row.public_id), **settings.facts()}
