"""`erasures_replay [NS/NAME]`: after a restore, erase again what the log says was erased."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.streams import stream
from ledger.services.relisting import replay, replay_all


class Command(LedgerCommand):
    """Erase again."""

    help = (
        "After a backup was put back: list erasures, holds, gaps and terms again where their rows are missing, and "
        "erase again what an erasure leaf names. Of one stream, or of all. May be repeated; no leaf is written."
    )
    example = "erasures_replay"

    def add_arguments(self, parser: CommandParser) -> None:
        """One stream or all."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Replay, and tell the counts."""
        named = options["stream"]
        done = replay(stream(*stream_name(named))) if named else replay_all()
        return {"listed": done.listed, "erasures": done.erasures}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        return f"{told['listed']:,} leaves were listed again; {told['erasures']:,} erasures were carried out again."
