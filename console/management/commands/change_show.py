"""`change_show ID`: one governed change, whole, for the holder of a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from console.api.encoding import dump
from console.api.represent_change import change
from console.token_command import TokenCommand, readable
from governance.change.selectors.changes import change_in

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(TokenCommand):
    """Read one."""

    help = "Show a governed change: where it stands, its effect as old -> new, who signed, and who could."
    example = "change_show 01a1fe53-ed83-78f2-81a6-b16b4972658b --token-file token.txt"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and which."""
        parser.add_argument("change", metavar="ID")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """As the API tells it."""
        by = self.caller(options)
        view = change_in(readable(by), options["change"], timezone.now())
        return dict(json.loads(dump(change(view, by.actor))))

    def words(self, told: dict[str, Any]) -> str:
        """The head, the effect, the places."""
        lines = [f"{told['type']} of {told['subject']}, revision {told['revision']}: {told['state']}", told["reason"]]
        lines += [f"{one['path']}: {one['old']} -> {one['new']}" for one in told["effect"]["diff"]]
        lines += [f"{one['group']}: {one['person'] or 'empty'}" for one in told["slots"]]
        return "\n".join(lines)
