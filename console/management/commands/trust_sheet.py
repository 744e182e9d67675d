"""`trust_sheet NS/NAME`: what a reader needs over a second channel."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from console.trust_files import POLICY_NAME, TRUST_NAME, decisions_of, head_of, trust_json, trust_policy
from console.verifier_page import FILE_NAME as PAGE_NAME
from console.verifier_page import page_bytes
from ledger.core.trust_sheet import Decisions, TrustSheet
from ledger.core.witness_policy import parse_policy
from ledger.errors import ExportFailed
from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import stream
from ledger.single_file import FILE_NAME, build


class Command(LedgerCommand):
    """Print or write the sheet."""

    help = "The trust sheet of a stream: log keys, genesis, policy and the SHA-256 of both verifiers, to compare aloud."
    example = "trust_sheet acme/decisions --out trust-sheet.md"

    def add_arguments(self, parser: CommandParser) -> None:
        """Stream, and where to."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument("--out", type=Path, metavar="FILE", help="standard output unless given")
        parser.add_argument("--files", type=Path, metavar="FOLDER", help="also writes trust.policy, trust.json there")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Collect the facts."""
        target = stream(*stream_name(options["stream"]))
        keys, decisions, policy = log_vkeys(target.id), _decisions(), trust_policy(target)
        verifier, page = (hashlib.sha256(made).digest() for made in (build(), page_bytes()))
        text = TrustSheet(
            target.origin, keys, target.log, parse_policy(policy), verifier, FILE_NAME, page, PAGE_NAME, decisions
        ).text()
        if options["out"] is not None:
            _write(options["out"], text.encode())
        if options["files"] is not None:
            _write(options["files"] / POLICY_NAME, policy, folder=True)
            _write(options["files"] / TRUST_NAME, trust_json(target, head_of(target)), folder=True)
        return {
            "origin": target.origin,
            "log_keys": [str(vkey) for vkey in keys],
            "genesis": target.log.hex(),
            "governance": _told(decisions),
            "policy": policy.decode(),
            "verifier": verifier.hex(),
            "page": page.hex(),
            "text": text,
            "out": str(options["out"]) if options["out"] is not None else None,
        }

    def words(self, told: dict[str, Any]) -> str:
        """The sheet itself, or where it lies."""
        return str(told["text"]).rstrip("\n") if told["out"] is None else f"Trust sheet written to {told['out']}"


def _decisions() -> Decisions | None:
    log = decisions_of()
    return None if log is None else Decisions(log.origin, log_vkeys(log.id), log.log)


def _told(decisions: Decisions | None) -> dict[str, Any] | None:
    if decisions is None:
        return None
    keys = [str(vkey) for vkey in decisions.log_keys]
    return {"origin": decisions.origin, "log_keys": keys, "genesis": decisions.genesis.hex()}


def _write(target: Path, data: bytes, *, folder: bool = False) -> None:
    try:
        if folder:
            target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    except OSError as error:
        raise ExportFailed("The file cannot be written", why=str(error), next_step="Choose another place.") from error
