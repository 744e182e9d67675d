"""What the commands on signing keys share: the stream, `--dry-run`, and how a change is told."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.keys import keys_of, vkey_of
from ledger.selectors.streams import StreamView, stream
from ledger.services.keys import KeyChanged
from ledger.storage.signer import RegisteredKey


class KeyCommand(LedgerCommand):
    """A command that changes the keys of one stream."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The stream, and whether anything is written."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    def actor(self) -> str:
        """Who does it, for the record."""
        return f"command:{self.example.split()[0]}"


def named_stream(options: dict[str, Any]) -> StreamView:
    """The stream that was named; raises NameInvalid, StreamUnknown."""
    return stream(*stream_name(options["stream"]))


def told_change(target: StreamView, changed: KeyChanged, *, dry_run: bool) -> dict[str, Any]:
    """A change in JSON, with the verifier keys in force now."""
    logs = [str(vkey_of(key)) for key in keys_of(target.id) if key.use == "checkpoint" and not key.is_retired]
    return {
        "origin": target.origin,
        "done": not dry_run,
        "leaf": changed.index,
        "added": list(changed.added),
        "retired": list(changed.retired),
        "log_keys": logs,
    }


def told_key(key: RegisteredKey) -> dict[str, Any]:
    """A key in JSON: never anything of its private half but whether it is there."""
    return {
        "use": key.use,
        "alg": key.alg,
        "kid": key.kid,
        "vkey": str(vkey_of(key)) if key.use == "checkpoint" else None,
        "valid_from": key.valid_from,
        "valid_to": key.valid_to,
        "private_half": key.sealed is not None,
        "paused": key.paused or None,
    }
