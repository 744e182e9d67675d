"""`key_create NAMESPACE NAME`: a system key, revealed once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from governance.identity.actions.create_system_key import create_system_key
from governance.identity.core.principal import Scope
from governance.identity.management.command import IdentityCommand, namespace_of


class Command(IdentityCommand):
    """Create a system key."""

    help = "Create a system key for a program; its token is told once, here."
    example = "key_create acme scoring --scope append --scope read"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, for which program, and what for."""
        parser.add_argument("namespace", metavar="NAMESPACE")
        parser.add_argument("name", metavar="NAME", help="the program that will use it")
        parser.add_argument(
            "--scope", action="append", choices=[Scope.APPEND.value, Scope.READ.value], help="both unless given"
        )

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One audited key."""
        self.founded()
        scopes = {Scope(scope) for scope in options["scope"] or (Scope.APPEND, Scope.READ)}
        namespace = namespace_of(options["namespace"])
        issued = create_system_key(namespace, options["name"], scopes, by=self.by, at=self.moment())
        return {
            "id": str(issued.key.public_id),
            "namespace": namespace.name,
            "name": issued.key.name,
            "scopes": sorted(scope.value for scope in scopes),
            "token": issued.token.reveal(),
        }

    def words(self, told: dict[str, Any]) -> str:
        """The token, once."""
        return (
            f"System key {told['name']} of {told['namespace']} ({' and '.join(told['scopes'])})\n"
            f"{told['token']}\nThe token is told once. Next: send it as `Authorization: Bearer TOKEN`."
        )
