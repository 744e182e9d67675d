"""What the commands over governed changes share: whoever calls presents a personal token, which reads and drafts.

Guarantees that a command has the rights of the token's holder and no more: who sits at the server decides nothing, and
neither does a token.
"""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from governance.change.errors import BodyMalformed, RoleMissing
from governance.change.selectors.changes import scope_of
from governance.identity.core.principal import PrincipalKind
from governance.identity.errors import NotAllowed
from governance.identity.moment import Moment
from governance.identity.selectors.principals import principal_of_token
from governance.identity.tokens import parse_token
from ledger.core.strict_json import parse
from ledger.management.command import LedgerCommand

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

    from governance.change.selectors.changes import Scope
    from governance.identity.core.principal import Principal
    from ledger.core.types import JSONObject


class TokenCommand(LedgerCommand):
    """A command in somebody's name."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("--token-file", type=Path, required=True, metavar="FILE", help="holds a personal token")

    def caller(self, options: dict[str, Any]) -> Principal:
        """The holder of the token, with a token's rights; raises NotAllowed."""
        token = parse_token(read_file(options["token_file"]).decode(errors="replace").strip())
        found = principal_of_token(token, timezone.now()) if token is not None else None
        if found is None or found.kind is not PrincipalKind.PERSON:
            raise NotAllowed(
                "This is no personal token that opens anything", next_step="Make one: ./manage.py token_create."
            )
        return found

    def moment(self) -> Moment:
        """Now, for an action."""
        return Moment(timezone.now(), secrets.token_bytes)


def read_file(path: Path) -> bytes:
    """The bytes of a file; raises BodyMalformed where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BodyMalformed("The file cannot be read", why=f"{path}: {error.strerror}") from error


def body_in(path: Path) -> JSONObject:
    """The body of a change as a file holds it; raises BodyMalformed or JSONInvalid."""
    value = parse(read_file(path))
    if not isinstance(value, dict):
        raise BodyMalformed("A body is an object", path="$")
    return value


def readable(by: Principal) -> Scope:
    """The changes that exist for the holder; raises RoleMissing where their roles read none."""
    scope = scope_of(uuid.UUID(by.actor.partition(":")[2]), timezone.now())
    if scope.empty:
        raise RoleMissing("This takes a role that reads changes", why=by.actor)
    return scope
