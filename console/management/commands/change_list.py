"""`change_list`: the governed changes that exist for the holder of a token, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.api.represent_change import change_row
from console.token_command import TokenCommand, readable
from governance.change.core.states import State
from governance.change.selectors.changes import changes_in

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

MOST = 200


class Command(TokenCommand):
    """Read the list."""

    help = "List the governed changes that the holder of a personal token may see, the newest first."
    example = "change_list --token-file token.txt --state in_review"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and which."""
        super().add_arguments(parser)
        parser.add_argument("--state", choices=[one.value for one in State], help="only this state")
        parser.add_argument("--limit", type=int, default=50, help=f"how many, up to {MOST}")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """The rows, as the API has them."""
        states = [State(options["state"])] if options["state"] else []
        limit = max(1, min(options["limit"], MOST))
        rows = changes_in(readable(self.caller(options)), states=states, limit=limit)
        return {"items": [change_row(row) for row in rows]}

    def words(self, told: dict[str, Any]) -> str:
        """One line each."""
        lines = [f"{one['id']}  {one['state']:<20}  {one['type']:<18}  {one['subject']}" for one in told["items"]]
        return "\n".join(lines or ["There are no such changes."])
