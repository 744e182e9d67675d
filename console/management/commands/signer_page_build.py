"""`signer_page_build --out FILE`: the signer as one saved file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from console.signing_page import FILE_NAME, saved
from ledger.errors import ExportFailed
from ledger.management.command import LedgerCommand


class Command(LedgerCommand):
    """Write the document."""

    help = "Write the signer as one HTML file that runs offline and keeps no key; the same code gives the same bytes."
    example = f"signer_page_build --out {FILE_NAME}"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("--out", type=Path, default=Path(FILE_NAME), metavar="FILE")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Build and write."""
        data = saved()
        try:
            options["out"].write_bytes(data)
        except OSError as error:
            raise ExportFailed(
                "The file cannot be written", why=str(error), next_step="Choose another --out."
            ) from error
        return {"out": str(options["out"]), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    def words(self, told: dict[str, Any]) -> str:
        """The digest to print on trust sheets."""
        return f"{told['out']}: {told['bytes']:,} bytes\nSHA-256 {told['sha256']}"
