"""`payload_erase NS/NAME`: erase payloads or attributes of events, by the leaf that says so."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.core.schemas import ERASURE_REASONS, PARTS
from ledger.core.spans import Span
from ledger.errors import RangeInvalid
from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.notices import subject_spans
from ledger.selectors.streams import StreamView, stream
from ledger.services.erasures import Asked, erase

ACTOR = "command:payload_erase"


class Command(LedgerCommand):
    """Erase content."""

    help = (
        "Erase payloads, attributes or both of events: a leaf that says so first, then bytes, salts and blobs. Leaves, "
        "receipts and proofs stay. Refused where a hold covers any of it. Repeating it adds nothing."
    )
    example = 'payload_erase acme/decisions --from 4 --to 4 --reason-code subject --reason "request 2026-118"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Which events, what of them, and why."""
        parser.add_argument("stream", metavar="NS/NAME")
        add_events(parser)
        parser.add_argument("--part", choices=PARTS, action="append", help="may be repeated; payload unless given")
        parser.add_argument("--reason-code", choices=ERASURE_REASONS, required=True)
        parser.add_argument("--reason", required=True, help="stays in the log for ever: no names of persons")
        parser.add_argument("--backup-days", type=int, help="days for which backups may still hold it")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Erase, and tell the leaves that say so."""
        found = stream(*stream_name(options["stream"]))
        asked = Asked(
            spans=events_of(found, options),
            parts=options["part"] or ["payload"],
            reason_code=options["reason_code"],
            reason=options["reason"],
            by=ACTOR,
            backup_days=options["backup_days"],
        )
        done = erase(found, asked)
        return {"leaves": list(done.leaves), "events": done.events, "replayed": done.replayed}

    def words(self, told: dict[str, Any]) -> str:
        """One line."""
        leaves = ", ".join(f"{index:,}" for index in told["leaves"])
        said = "was erased before" if told["replayed"] else "is erased"
        return f"What was named of {told['events']:,} events {said}; erasure leaves: {leaves}"


def add_events(parser: CommandParser) -> None:
    """`--from` and `--to`, both inside, or `--subject`."""
    parser.add_argument("--from", dest="first", type=int, metavar="I", help="first leaf")
    parser.add_argument("--to", dest="last", type=int, metavar="J", help="last leaf; the first one unless given")
    parser.add_argument("--subject", help="all events of this subject instead of a range")


def events_of(found: StreamView, options: dict[str, Any]) -> list[Span]:
    """The range, or the subject's events; raises RangeInvalid where neither or both are given."""
    first, last, subject = options["first"], options["last"], options["subject"]
    if (first is None) == (subject is None):
        raise RangeInvalid("Name a range or a subject", next_step="Give --from and --to, or --subject.")
    if subject is not None:
        return subject_spans(found, subject)
    last = first if last is None else last
    if not 0 <= first <= last:
        raise RangeInvalid("The range is refused", why=f"{first} to {last}")
    return [(first, last)]
