"""`key_recover NS/NAME`: a new log key on the word of the recovery key; first what to sign, then the leaf."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from nacl.signing import SigningKey

from ledger.core.keys import decode_base64
from ledger.errors import NotThere, RequestError
from ledger.management.key_command import KeyCommand, named_stream, told_change
from ledger.selectors.streams import StreamView
from ledger.services.key_recovery import apply, propose, recovery_public
from ledger.storage.sealing import associated, unseal


class Command(KeyCommand):
    """Propose, or apply."""

    help = (
        "Replace a lost log key by the recovery key of genesis: --propose FILE writes what has to be signed elsewhere, "
        "--proposal FILE --signature BASE64 appends the leaf."
    )
    example = "key_recover acme/decisions --propose recovery.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """One of the two steps."""
        super().add_arguments(parser)
        parser.add_argument("--propose", type=Path, metavar="FILE", help="write a proposal and the bytes to sign")
        parser.add_argument("--proposal", type=Path, metavar="FILE", help="the proposal that was signed")
        parser.add_argument("--signature", help="base64 of the recovery key's Ed25519 signature over `message`")
        parser.add_argument("--sealed", type=Path, metavar="FILE", help="the demo's: a sealed file that holds the key")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Write the proposal, or apply it."""
        target, dry = named_stream(options), bool(options["dry_run"])
        if options["propose"] is not None:
            made = propose(target)
            if not dry:
                options["propose"].write_bytes(made)
            message = json.loads(made)["message"]
            return {"origin": target.origin, "done": False, "file": str(options["propose"]), "message": message}
        if options["proposal"] is None:
            raise RequestError("Say --propose FILE, or --proposal FILE with a signature", next_step=self.example)
        proposal = _bytes(options["proposal"])
        signature = _signature(options, target, proposal)
        if dry:
            return {"origin": target.origin, "done": False, "file": str(options["proposal"]), "message": None}
        return told_change(target, apply(target, proposal, signature, actor=self.actor()), dry_run=False)

    def words(self, told: dict[str, Any]) -> str:
        """What to do next, or what stands in the log now."""
        if "leaf" in told:
            keys = "\n".join(f"  {vkey}" for vkey in told["log_keys"])
            return f"Leaf {told['leaf']:,} retires {', '.join(told['retired'])}. The log signs with:\n{keys}"
        if told["message"] is None:
            return f"Would apply {told['file']}. Nothing was done."
        return f"Proposal in {told['file']}. Sign these bytes (base64) with the recovery key:\n{told['message']}"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotThere("The file cannot be read", why=str(error), next_step="Name a readable file.") from error


def _signature(options: dict[str, Any], target: StreamView, proposal: bytes) -> bytes:
    if options["sealed"] is not None:
        about = associated("recovery", target.origin, recovery_public(target))
        seed = unseal(_bytes(options["sealed"]), about)
        return SigningKey(seed).sign(decode_base64(json.loads(proposal)["message"])).signature
    try:
        return base64.b64decode(options["signature"] or "", validate=True)
    except binascii.Error as error:
        raise RequestError("A signature is base64 of 64 bytes", next_step="Give --signature BASE64.") from error
