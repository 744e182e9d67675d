"""`evidenceos_draft KIND FILE`: what a change of a data directory would do now, every check with its reason."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from governance.change.errors import BodyMalformed
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.effects import effect_of
from governance.change.types import TYPES, change_type
from governance.change.types.base import FindingState
from governance.change.types.drafting import completed
from governance.change.types.targets import OfTarget
from governance.evidenceos.management.command import EvidenceOSCommand
from ledger.core.strict_json import parse
from ledger.core.types import JSONObject
from ledger.management.command import REFUSED

KINDS = [one.name for one in TYPES if isinstance(one, OfTarget)]


class Command(EvidenceOSCommand):
    """Draft, without proposing: that takes a person."""

    help = (
        "Complete a body (what EvidenceOS wants signed is listed), compute its effect on the directory as it is now, "
        "and carry out every check. Nothing is proposed or written: a person does that, on the page or over the API "
        "with this body. Exit 1 where a check fails or could not be carried out."
    )
    example = "evidenceos_draft nullspec.retire body.json"
    failing = 0

    def add_arguments(self, parser: CommandParser) -> None:
        """What, and with which fields."""
        parser.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
        parser.add_argument("file", metavar="FILE", help="the body as JSON; - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell, and exit by the checks."""
        super().handle(*args, **options)
        if self.failing:
            raise CommandError(f"{self.failing} checks do not pass. Next: read them above.", returncode=REFUSED)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Body, effect, checks."""
        kind = change_type(options["kind"])
        body = completed(kind, _body(options["file"]))
        now = int(self.moment().now.timestamp())
        effect = effect_of(kind, body, index=changes_stream().size, now=now)
        checks = kind.preflight(effect.base, body)
        self.failing = sum(one.state is not FindingState.PASS for one in checks)
        return {
            "type": kind.name, "body": body, "base": effect.base, "result": effect.result,
            "direction": effect.direction.value, "invalidates": effect.invalidates, "way_back": effect.way_back,
            "checks": [
                {"check": one.code, "state": one.state.value, "words": one.words, "next": one.next} for one in checks
            ],
        }  # fmt: skip


def _body(file: str) -> JSONObject:
    try:
        with open(0 if file == "-" else file, "rb", closefd=file != "-") as source:
            found = parse(source.read())
    except OSError as error:
        raise BodyMalformed("The body cannot be read", why=str(error)[:200]) from error
    if not isinstance(found, dict):
        raise BodyMalformed("A body is an object")
    return found
