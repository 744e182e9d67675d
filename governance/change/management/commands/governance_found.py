"""`governance_found FILE`: save a genesis, and print what its people compare aloud before they sign it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils import timezone

from governance.change.actions.draft import draft_change
from governance.change.core.fingerprints import fingerprints
from governance.change.core.statement import digest_of
from governance.change.errors import BodyMalformed
from governance.identity.core.principal import machine
from governance.identity.moment import Moment
from ledger.core.strict_json import parse
from ledger.management.command import LedgerCommand


class Command(LedgerCommand):
    """Draft the genesis."""

    help = (
        "Save a genesis from a JSON file (docs/governance.md has its fields). Its people sign it in their sessions; "
        "with the last word that it asks for, this deployment is founded."
    )
    example = "governance_found genesis.json"

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--reason", default="The founding.")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """One draft."""
        try:
            body = parse(options["file"].read_bytes())
        except OSError as error:
            raise BodyMalformed("The file cannot be read", why=str(error)) from error
        if not isinstance(body, dict):
            raise BodyMalformed("A genesis is an object")
        at = Moment(timezone.now(), os.urandom)
        row = draft_change("genesis", body, options["reason"], by=machine("machine:governance_found"), at=at)
        keys = [{"person": one.person, "kid": one.kid, "words": one.words} for one in fingerprints(body)]
        return {"id": row.key, "genesis": digest_of(body), "keys": keys, "signers": body["signers"]}

    def words(self, told: dict[str, Any]) -> str:
        """The fingerprints, one line each."""
        lines = [f"{one['person']}  {one['kid']}  {one['words']}" for one in told["keys"]]
        head = (
            f"Genesis {told['id']}, digest {told['genesis']}: {told['signers']} of these sign it "
            f"at {settings.COUNTERSIGN_SITE_URL}/changes/{told['id']}/."
        )
        return "\n".join([head, "Read aloud and compare:", *lines])
