"""What the commands share that write one built file: the same code gives the same bytes, and its digest is told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from ledger.errors import ExportFailed
from ledger.management.command import LedgerCommand


class BuildCommand(LedgerCommand):
    """Writes what `build` gives to `--out`."""

    file_name: ClassVar[str]

    def build(self) -> bytes:
        """The file's bytes."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("--out", type=Path, default=Path(self.file_name), metavar="FILE")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Build and write.

        Raises:
            ExportFailed: The file cannot be written.

        """
        data = self.build()
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
