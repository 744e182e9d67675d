"""`verifier_page_build --out FILE`: the verifier for browsers as one saved file."""

from __future__ import annotations

from console import verifier_page
from ledger.management.build_command import BuildCommand


class Command(BuildCommand):
    """Write the document."""

    help = "Write the verifier for browsers as one HTML file that runs offline; the same code gives the same bytes."
    example = f"verifier_page_build --out {verifier_page.FILE_NAME}"
    file_name = verifier_page.FILE_NAME

    def build(self) -> bytes:
        """The verifier's document."""
        return verifier_page.build()
