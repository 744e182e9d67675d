"""`verifier_build --out FILE`: the offline verifier as one file."""

from __future__ import annotations

from ledger import single_file
from ledger.management.build_command import BuildCommand


class Command(BuildCommand):
    """Write the single file."""

    help = "Write the offline verifier as one file for a stock Python 3.11; the same code gives the same bytes."
    example = f"verifier_build --out {single_file.FILE_NAME}"
    file_name = single_file.FILE_NAME

    def build(self) -> bytes:
        """The verifier's source, all modules in one."""
        return single_file.build()
