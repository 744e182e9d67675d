"""`change_effect KIND FILE`: what a body would do now, and what was checked; nothing is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from console.api import represent_change as represent
from console.api.encoding import dump
from console.token_command import TokenCommand, body_in, readable
from governance.change.selectors.previews import previewed
from governance.change.types import TYPES, change_type

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(TokenCommand):
    """Look ahead."""

    help = "Compute the effect that a body would have now, its rule and every check. Nothing is kept."
    example = "change_effect stream.publicity body.json --token-file token.txt"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which kind, which body."""
        parser.add_argument("kind", metavar="KIND", help=", ".join(one.name for one in TYPES))
        parser.add_argument("file", metavar="FILE", type=Path, help="the body as JSON")
        super().add_arguments(parser)

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """As the API computes it."""
        by = self.caller(options)
        readable(by)
        effect, found = previewed(change_type(options["kind"]), body_in(options["file"]), by, timezone.now())
        told = {"effect": represent.effect(effect), "rule": effect.rule.to_json(), "policy": effect.policy}
        return dict(json.loads(dump({**told, "findings": [represent.finding(one) for one in found]})))

    def words(self, told: dict[str, Any]) -> str:
        """Old -> new, and the checks."""
        lines = [f"{one['path']}: {one['old']} -> {one['new']}" for one in told["effect"]["diff"]]
        lines += [f"Invalidates: {one}" for one in told["effect"]["invalidates"]]
        return "\n".join([*lines, f"Rule: {told['rule']['name']}, tier {told['rule']['tier']}."])
