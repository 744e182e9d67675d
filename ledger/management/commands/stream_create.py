"""`stream_create NS/NAME`: a stream with its keys and its genesis leaf."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.errors import NotThere, RequestError
from ledger.management.command import LedgerCommand, stream_name
from ledger.models import ProfileMode
from ledger.models.stream import DEFAULT_MAX_MERGE_DELAY, DEFAULT_WINDOW_AGE, DEFAULT_WINDOW_COUNT
from ledger.selectors.keys import log_vkeys
from ledger.services.streams import StreamOptions, create_stream

RECOVERY_BYTES = 32


class Command(LedgerCommand):
    """Create a stream."""

    help = "Create a stream: its keys, its genesis leaf, its origin for ever."
    example = "stream_create acme/decisions --profile-mode warn"

    def add_arguments(self, parser: CommandParser) -> None:
        """Name and choices that the genesis leaf or the stream's row keeps."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--policy", type=Path, help="file with a C2SP tlog-policy; `quorum none` unless given")
        parser.add_argument("--recovery-key", help="base64 of an Ed25519 public key whose private half you keep")
        parser.add_argument("--profile-mode", choices=ProfileMode.values, default=ProfileMode.OFF.value)
        parser.add_argument("--window-count", type=int, default=DEFAULT_WINDOW_COUNT, help="events that close a window")
        parser.add_argument("--window-age", type=int, default=DEFAULT_WINDOW_AGE, help="seconds that close a window")
        parser.add_argument(
            "--max-merge-delay", type=int, default=DEFAULT_MAX_MERGE_DELAY,
            help="seconds within which a checkpoint must cover an event",
        )  # fmt: skip

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Create it and tell origin and verifier key."""
        chosen = StreamOptions(
            policy=_policy(options["policy"]),
            recovery_key=_recovery(options["recovery_key"]),
            max_merge_delay_s=options["max_merge_delay"],
            profile_mode=options["profile_mode"],
            window_count=options["window_count"],
            window_age_s=options["window_age"],
        )
        made = create_stream(*stream_name(options["stream"]), actor="command:stream_create", options=chosen)
        vkey = str(log_vkeys(made.id)[0])
        return {"id": str(made.public_id), "origin": made.origin, "vkey": vkey, "log": made.log.hex()}

    def words(self, told: dict[str, Any]) -> str:
        """Two lines to keep."""
        return f"Created {told['origin']}\nVerifier key {told['vkey']}"


def _policy(path: Path | None) -> str | None:
    try:
        return None if path is None else path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise NotThere("The policy cannot be read", why=str(error), next_step="Name a readable file.") from error


def _recovery(text: str | None) -> bytes | None:
    try:
        key = None if text is None else base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if key is not None and len(key) != RECOVERY_BYTES:
        raise RequestError("A recovery key is base64 of 32 bytes", next_step="Give the public half of an Ed25519 key.")
    return key
