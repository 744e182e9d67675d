"""`evidenceos_observe_head SLUG --public HEX --head FILE`: show a tree head of the log's new key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from governance.evidenceos.actions.observe_head import observe_head
from governance.evidenceos.core.proto import read_head
from governance.evidenceos.errors_of_targets import TargetInvalid
from governance.evidenceos.management.command import EvidenceOSCommand


class Command(EvidenceOSCommand):
    """End a rotation."""

    help = (
        "Show that the daemon signs its log with the key that was decided: a tree head as grpcurl prints the answer of "
        "GetSignedTreeHead. The rotation is done when it verifies under that key."
    )
    example = "evidenceos_observe_head lab --public 5f...9c --head head.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Target, key and head."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--public", required=True, metavar="HEX", help="the public key, 64 hexadecimal digits")
        parser.add_argument("--head", required=True, type=Path, metavar="FILE")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Verify and record."""
        try:
            head = read_head(options["head"].read_bytes())
            public = bytes.fromhex(options["public"])
        except (OSError, ValueError) as error:
            raise TargetInvalid("This cannot be read", why=str(error)[:200]) from error
        row = observe_head(options["slug"], public, head, by=self.by, at=self.moment())
        return {"target": options["slug"], "change": row.change, "size": head.tree_size, "root": head.root_hash.hex()}
