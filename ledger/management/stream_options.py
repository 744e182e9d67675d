"""What `stream_create` and `stream_continue` take for the genesis leaf: policy, recovery key, second line."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.core.keys import PUBLIC_BYTES
from ledger.errors import NotThere, RequestError
from ledger.services.streams import StreamOptions


def add_trust_arguments(parser: CommandParser, unless: str = "`quorum none`") -> None:
    """The three choices that only genesis keeps; `unless` says what holds without a policy."""
    parser.add_argument("--policy", type=Path, help=f"file with a C2SP tlog-policy; {unless} unless given")
    parser.add_argument("--recovery-key", help="base64 of an Ed25519 public key whose private half you keep")
    parser.add_argument("--post-quantum", action="store_true", help="an ML-DSA-44 key signs checkpoints besides")


def trust_options(options: dict[str, Any]) -> StreamOptions:
    """The choices; raises NotThere for a policy that cannot be read, RequestError for a malformed key."""
    return StreamOptions(
        policy=_policy(options["policy"]),
        recovery_key=_recovery(options["recovery_key"]),
        post_quantum=options["post_quantum"],
    )


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
    if key is not None and len(key) != PUBLIC_BYTES:
        raise RequestError("A recovery key is base64 of 32 bytes", next_step="Give the public half of an Ed25519 key.")
    return key
