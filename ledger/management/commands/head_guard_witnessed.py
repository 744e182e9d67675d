"""`head_guard_witnessed NS/NAME --note FILE… --reason WHY`: hand in what the witnesses of a log say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.errors import RequestError
from ledger.management.command import LedgerCommand
from ledger.management.key_command import named_stream
from ledger.selectors import checkpoints
from ledger.selectors.streams import StreamView
from ledger.services.witness_answers import HandedIn, policy_of, take_answers

ACTOR = "command:head_guard_witnessed"


class Command(LedgerCommand):
    """Ask, or take the answers."""

    help = (
        "Hand in what the witnesses of a stream say, where the head guard lost writes. Without notes it says whom to "
        "ask and what. The stream goes on if every witness answered within the hour and none is ahead of the database."
    )
    example = (
        'head_guard_witnessed acme/decisions --note a.note --note b.note --reason "the guard\'s disk was put back"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The stream, the notes, the witnesses without one, and why."""
        parser.add_argument("stream", metavar="NS/NAME")
        parser.add_argument(
            "--note", metavar="FILE", action="append", default=[], help="a checkpoint with cosignatures"
        )
        parser.add_argument(
            "--knows-nothing", metavar="WITNESS", action="append", default=[],
            help="a witness that knows of no checkpoint of this log; you vouch for it",
        )  # fmt: skip
        parser.add_argument("--reason", default="", help="why; it stands in _system/events")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Tell whom to ask, or take what they said."""
        stream = named_stream(options)
        if not options["note"] and not options["knows_nothing"]:
            return {"done": False, **_question(stream)}
        notes = [_read(name) for name in options["note"]]
        told = take_answers(stream, HandedIn(notes, options["knows_nothing"], ACTOR, options["reason"]))
        answers = [{"witness": one.name, "size": one.head.size, "time": one.timestamp} for one in told]
        return {"done": True, "origin": stream.origin, "answers": answers}

    def words(self, told: dict[str, Any]) -> str:
        """That it goes on; or the checkpoint, and who has to cosign it."""
        if told["done"]:
            return f"{told['origin']} goes on: every witness has answered, and none is ahead of the database."
        lines = [f"{row['name']} {row['url'] or '(no address in the policy)'}" for row in told["witnesses"]]
        return "\n".join([
            f"Nothing was done yet. Have each of these witnesses cosign the newest checkpoint of {told['origin']}:",
            *lines,
            told["note"] or "(there is no checkpoint)\n",
            ("One that is ahead refuses: fetch the larger checkpoint that it cosigned. Next: say the same again with "
            "--note FILE for each, --knows-nothing WITNESS for one that never saw this log, and --reason."),
        ])  # fmt: skip


def _question(stream: StreamView) -> dict[str, Any]:
    newest = checkpoints.newest(stream)
    return {
        "origin": stream.origin,
        "witnesses": [{"name": one.name, "url": one.url or None} for one in policy_of(stream).witnesses],
        "note": newest.note.decode() if newest is not None else None,
    }


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise RequestError("The note cannot be read", why=f"{name}: {error.strerror}", path=name) from error
