"""What `signer_pause` and `signer_resume` share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management.base import CommandParser

from ledger.errors import RequestError
from ledger.management.command import LedgerCommand
from ledger.management.key_command import named_stream
from ledger.services.pauses import set_pause


class PauseCommand(LedgerCommand):
    """Pause or resume the signer of a stream, or of all."""

    paused: ClassVar[bool]

    def add_arguments(self, parser: CommandParser) -> None:
        """Which streams, and why."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?", help="one stream")
        parser.add_argument("--all", action="store_true", help="every stream of this installation")
        parser.add_argument("--reason", required=True, help="why; recorded in _system/events")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Set it, and tell whether it was otherwise before."""
        if bool(options["stream"]) == options["all"]:
            raise RequestError("Name one stream, or say --all", next_step=f"./manage.py {self.example}")
        target = None if options["all"] else named_stream(options)
        changed = set_pause(
            target, paused=self.paused, reason=options["reason"], actor=f"command:{self.example.split()[0]}",
            dry_run=options["dry_run"],
        )  # fmt: skip
        whose = "all" if target is None else target.origin
        return {"stream": whose, "paused": self.paused, "changed": changed, "done": not options["dry_run"]}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        state = "paused" if told["paused"] else "resumed"
        whose = "every stream" if told["stream"] == "all" else told["stream"]
        if not told["changed"]:
            return f"The signer of {whose} was {'paused' if told['paused'] else 'not paused'} before: nothing was done."
        return f"The signer of {whose} {'is' if told['done'] else 'would be'} {state}."
