"""`change_draft KIND FILE`: draft a governed change in the name of a token's holder, or write its next revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from console.token_command import TokenCommand, body_in
from governance.change.actions.draft import draft_change
from governance.change.actions.edit import edit_change
from governance.change.types import TYPES

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(TokenCommand):
    """Propose; nobody can sign a draft before a person has submitted it."""

    help = (
        "Draft a governed change from a file with its body. The holder of the personal token becomes its author; "
        "submitting and signing take people, in their sessions. With --edit it writes the next revision of a change."
    )
    example = 'change_draft stream.publicity body.json --reason "Auditors read along." --token-file token.txt'

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which kind, which body, why."""
        parser.add_argument("kind", metavar="KIND", help=", ".join(one.name for one in TYPES))
        parser.add_argument("file", metavar="FILE", type=Path, help="the body as JSON")
        parser.add_argument("--reason", required=True, help="why; it is signed with the change")
        parser.add_argument("--edit", metavar="ID", help="write the next revision of this change")
        parser.add_argument("--revision", type=int, metavar="N", help="with --edit: the revision that was read")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One draft, or one revision."""
        by, body, reason, at = self.caller(options), body_in(options["file"]), options["reason"], self.moment()
        if options["edit"]:
            row = edit_change(options["edit"], body, reason, revision=options["revision"] or 0, by=by, at=at)
        else:
            row = draft_change(options["kind"], body, reason, by=by, at=at)
        page = f"{settings.COUNTERSIGN_SITE_URL}/changes/{row.key}/"
        return {"id": row.key, "type": row.type, "state": row.state, "revision": row.revision, "page": page}

    def words(self, told: dict[str, Any]) -> str:
        """Where it goes on."""
        return f"{told['type']} {told['id']}, revision {told['revision']}: {told['state']}. Go on at {told['page']}"
