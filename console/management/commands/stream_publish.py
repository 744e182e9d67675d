"""`stream_publish NS/NAME`: what of a stream anybody may read, by the audited action."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from governance.identity.core.principal import machine
from governance.identity.moment import Moment
from governance.operations.actions.set_publicity import set_publicity
from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.streams import stream

_ON = {"on": True, "off": False, None: None}


class Command(LedgerCommand):
    """Publish a stream, or make it private again."""

    help = "Make checkpoint and hash tiles of a stream, or its entries too, readable by anybody; or private again."
    example = 'stream_publish acme/decisions --tiles on --reason "agreed with our auditors"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Stream, the two properties apart, and why."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--tiles", choices=("on", "off"), help="checkpoint and hash tiles")
        parser.add_argument("--entries", choices=("on", "off"), help="the leaves, as entry bundles")
        parser.add_argument("--reason", required=True, help="why; recorded in _governance/changes")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Set it, and tell what holds now."""
        found = stream(*stream_name(options["stream"]))
        now = set_publicity(
            found,
            tiles=_ON[options["tiles"]],
            entries=_ON[options["entries"]],
            reason=options["reason"],
            by=machine("machine:stream_publish"),
            at=Moment(timezone.now(), secrets.token_bytes),
        )
        return {"stream": options["stream"], "origin": found.origin, "tiles": now.tiles, "entries": now.entries}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        states = ", ".join(f"{name} {'public' if told[name] else 'private'}" for name in ("tiles", "entries"))
        return f"{told['stream']}: {states}. Served under /log/{told['stream']}/."
