"""`verifier_build --out FILE`: the offline verifier as one file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ledger.errors import ExportFailed
from ledger.management.command import LedgerCommand
from ledger.single_file import FILE_NAME, build


class Command(LedgerCommand):
    """Write the single file."""

    help = "Write the offline verifier as one file for a stock Python 3.11; the same code gives the same bytes."
    example = f"verifier_build --out {FILE_NAME}"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("--out", type=Path, default=Path(FILE_NAME), metavar="FILE")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Build and write."""
        data = build()
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
