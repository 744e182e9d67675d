"""`head_guard_init NS/NAME|--all`: a head guard for streams that have none, after every witness was asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ledger.core.recovery import GUARD_MISSING
from ledger.errors import RequestError
from ledger.management.command import LedgerCommand, stream_name
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.readiness import all_streams
from ledger.selectors.streams import StreamView, stream
from ledger.services.guard_making import Question, Responsible, make_guard, question_of
from ledger.storage.guards import FileGuard

NEXT_ASKED = "Ask them all. Is none ahead and none beside, say the same again with --asked --by WHO --reason WHY."


class Command(LedgerCommand):
    """Tell what to ask; with `--asked`, make the guards."""

    help = "Make head guards for streams of a database from before the guard. First says what witnesses must be asked."
    example = "head_guard_init --all"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which streams, and whether the witnesses were asked."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?", help="one stream")
        parser.add_argument("--all", action="store_true", help="every stream whose guard is missing")
        parser.add_argument("--asked", action="store_true", help="every witness was asked, and none contradicts")
        parser.add_argument("--by", default="", help="who makes them; needed once the deployment is founded")
        parser.add_argument("--reason", default="", help="why; needed once the deployment is founded")
        parser.add_argument("--mark", action="store_true", help="mark the directory of a guard in files, once, mounted")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Mark, or ask, or make."""
        if options["mark"]:
            return {"marked": str(_mark()), "made": False, "streams": []}
        questions = [question_of(one) for one in _chosen(options)]
        for question in questions if options["asked"] else ():
            make_guard(question, Responsible(options["by"], options["reason"]))
        return {"marked": None, "made": options["asked"], "streams": [_row(question) for question in questions]}

    def words(self, told: dict[str, Any]) -> str:
        """One line for each stream, then what to do."""
        if told["marked"]:
            return f"Marked {told['marked']}: it is taken for the mounted volume of the head guard from now on."
        if not told["streams"]:
            return "No stream's guard is missing: nothing was done."
        if told["made"]:
            return "\n".join(f"Made the guard of {row['origin']}: {row['size']:,} leaves." for row in told["streams"])
        return "\n".join(["Nothing was done yet.", *map(_asking, told["streams"]), f"Next: {NEXT_ASKED}"])


def _chosen(options: dict[str, Any]) -> Iterator[StreamView]:
    if bool(options["stream"]) == options["all"]:
        raise RequestError("Name one stream, or say --all", next_step="./manage.py head_guard_init NS/NAME")
    if options["stream"]:
        yield stream(*stream_name(options["stream"]))
        return
    yield from (one for one in all_streams() if verdict(one).code == GUARD_MISSING)


def _row(question: Question) -> dict[str, Any]:
    head = question.head
    return {
        "origin": question.stream.origin,
        "size": question.newest.size,
        "leaf_hash": question.newest.leaf_hash.hex(),
        "signed_size": head.size if head is not None else 0,
        "root": head.root.hex() if head is not None else None,
    }


def _asking(row: dict[str, Any]) -> str:
    leaves = f"no receipt for leaf {row['size']:,} or later"
    if row["root"] is None:
        return f"{row['origin']}: witnesses and clients must know of no checkpoint, and {leaves}."
    head = f"no checkpoint over more than {row['signed_size']:,} leaves, over so many none but root {row['root']}"
    return f"{row['origin']}: witnesses and clients must know of {head}, and {leaves}."


def _mark() -> Path:
    scheme, _, place = str(settings.COUNTERSIGN_HEAD_GUARD).partition("://")
    if scheme != "file":
        raise RequestError("Only a guard in files is marked", next_step="Set COUNTERSIGN_HEAD_GUARD=file:///directory.")
    return FileGuard.initialise(Path(place)).root
