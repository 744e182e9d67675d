"""`stream_continue NS/NAME NEW_NAME|--all --reason WHY`: close a log, and open one whose genesis continues it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ledger.errors import RequestError
from ledger.management.command import LedgerCommand
from ledger.management.key_command import named_stream
from ledger.management.stream_options import add_trust_arguments, trust_options
from ledger.selectors.keys import log_vkeys
from ledger.services.successor import Continued, continue_stream
from ledger.services.successors import continue_all

ACTOR = "command:stream_continue"
ALONE = ("stream", "name", "head_size", "policy", "recovery_key", "post_quantum")


class Command(LedgerCommand):
    """Open a successor."""

    help = (
        "Close a stream for ever, and open one in its namespace whose genesis continues it. The old log counts up to "
        "the head that is named; where it can still sign, its last leaf names the successor."
    )
    example = 'stream_continue acme/decisions decisions-2 --reason "the database was put back to Monday"'

    def add_arguments(self, parser: CommandParser) -> None:
        """Both names, why, and where the old log ends."""
        parser.add_argument("stream", metavar="NS/NAME", nargs="?")
        parser.add_argument("name", metavar="NEW_NAME", nargs="?", help="name of the new stream, in the same namespace")
        parser.add_argument(
            "--all",
            action="store_true",
            help="every stream that is stopped for good, or ends in the future",
        )
        parser.add_argument("--reason", required=True, help="why; it stands in the old log and in _system/events")
        parser.add_argument("--head-size", type=int, help="checkpoint at which the old log ends; 0 takes nothing over")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        add_trust_arguments(parser, "witnesses and quorum of the old log")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Continue it, or all of them; repeated, it goes on where it was."""
        if options["all"]:
            return _all(options)
        if not options["stream"] or not options["name"]:
            raise RequestError(
                "Name the stream and its successor, or say --all", next_step=f"./manage.py {self.example}"
            )
        found = continue_stream(
            named_stream(options), options["name"], actor=ACTOR, reason=options["reason"],
            size=options["head_size"], options=trust_options(options), dry_run=options["dry_run"],
        )  # fmt: skip
        return _told(found)

    def words(self, told: dict[str, Any]) -> str:
        """What was closed, where, and what readers need, of each stream."""
        if "streams" not in told:
            return self._words(told)
        return "\n\n".join(map(self._words, told["streams"])) or "No stream is stopped for good: nothing was done."

    def _words(self, told: dict[str, Any]) -> str:
        done = "" if told["done"] else "Nothing was done. Would: "
        lost = f" {told['given_up']:,} events behind it are given up." if told["given_up"] else ""
        link = "names it" if told["linked_back"] else "cannot say so any more" if told["stopped"] else "will name it"
        lines = [
            f"{done}{told['successor']} continues {told['origin']} at {told['size']:,} leaves.{lost}",
            f"The old log {link}{' (' + told['stopped'] + ')' if told['stopped'] else ''}.",
            f'For readers of the old log, trust.json: {{"ended": [{told["ended"]}]}}',
        ]
        lines += [f"Not carried over: {words}" for words in told["not_carried"]]
        return "\n".join([*lines, f"Verifier key {told['vkey']}"] if told["vkey"] else lines)


def _all(options: dict[str, Any]) -> dict[str, Any]:
    alone = [word for word in ALONE if options[word] is not None and options[word] is not False]
    if alone:
        names = ", ".join(word.replace("_", "-") for word in alone)
        raise RequestError("These are given for one stream, not for --all", why=names, next_step="Leave them out.")
    found = continue_all(actor=ACTOR, reason=options["reason"], dry_run=options["dry_run"])
    return {"streams": [_told(one) for one in found]}


def _told(found: Continued) -> dict[str, Any]:
    head = found.head
    return {
        "done": found.new is not None,
        "origin": found.old.origin,
        "successor": found.origin,
        "size": head.size,
        "root": head.root.hex(),
        "ended": f'{{"origin": "{head.origin}", "size": {head.size}, "root": "{head.root.hex()}"}}',
        "given_up": found.given_up,
        "linked_back": found.linked_back,
        "stopped": found.stopped or None,
        "not_carried": list(found.not_carried),
        "vkey": str(log_vkeys(found.new.id)[0]) if found.new is not None else None,
        "log": found.new.log.hex() if found.new is not None else None,
    }
