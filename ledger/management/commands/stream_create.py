"""`stream_create NS/NAME`: a stream with its keys and its genesis leaf."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.management.base import CommandParser

from ledger.management.command import LedgerCommand, stream_name
from ledger.management.stream_options import add_trust_arguments, trust_options
from ledger.models import ProfileMode, WithoutReceipt
from ledger.models.stream import DEFAULT_MAX_MERGE_DELAY, DEFAULT_WINDOW_AGE, DEFAULT_WINDOW_COUNT
from ledger.selectors.keys import log_vkeys
from ledger.services.streams import NO_RECOVERY, create_stream


class Command(LedgerCommand):
    """Create a stream."""

    help = "Create a stream: its keys, its genesis leaf, its origin for ever."
    example = "stream_create acme/decisions --profile-mode warn"

    def add_arguments(self, parser: CommandParser) -> None:
        """Name and choices that the genesis leaf or the stream's row keeps."""
        parser.add_argument("stream", metavar="NS/NAME")
        add_trust_arguments(parser)
        parser.add_argument("--profile-mode", choices=ProfileMode.values, default=ProfileMode.OFF.value)
        parser.add_argument(
            "--without-receipt", choices=WithoutReceipt.values, default=WithoutReceipt.PENDING.value,
            help="what becomes of an event while the signer cannot sign",
        )  # fmt: skip
        parser.add_argument("--window-count", type=int, default=DEFAULT_WINDOW_COUNT, help="events that close a window")
        parser.add_argument("--window-age", type=int, default=DEFAULT_WINDOW_AGE, help="seconds that close a window")
        parser.add_argument(
            "--max-merge-delay", type=int, default=DEFAULT_MAX_MERGE_DELAY,
            help="seconds within which a checkpoint must cover an event",
        )  # fmt: skip

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Create it and tell origin and verifier keys."""
        chosen = replace(
            trust_options(options),
            max_merge_delay_s=options["max_merge_delay"],
            profile_mode=options["profile_mode"],
            without_receipt=options["without_receipt"],
            window_count=options["window_count"],
            window_age_s=options["window_age"],
        )
        made = create_stream(*stream_name(options["stream"]), actor="command:stream_create", options=chosen)
        vkeys = [str(vkey) for vkey in log_vkeys(made.id)]
        return {
            "id": str(made.public_id),
            "origin": made.origin,
            "vkey": vkeys[0],
            "vkeys": vkeys,
            "log": made.log.hex(),
            "warning": NO_RECOVERY if chosen.recovery_key is None else None,
        }

    def words(self, told: dict[str, Any]) -> str:
        """Lines to keep."""
        keys = "\n".join(f"Verifier key {vkey}" for vkey in told["vkeys"])
        return f"Created {told['origin']}\n{keys}" + (f"\n{told['warning']}" if told["warning"] else "")
