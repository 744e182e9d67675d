"""`signer_page_build --out FILE`: the signer as one saved file."""

from __future__ import annotations

from console.signing_page import FILE_NAME, saved
from ledger.management.build_command import BuildCommand


class Command(BuildCommand):
    """Write the document."""

    help = "Write the signer as one HTML file that runs offline and keeps no key; the same code gives the same bytes."
    example = f"signer_page_build --out {FILE_NAME}"
    file_name = FILE_NAME

    def build(self) -> bytes:
        """The signer's document."""
        return saved()
