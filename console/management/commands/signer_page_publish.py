"""`signer_page_publish`: enter the digests of the signing page into the log."""

from __future__ import annotations

from typing import Any

from console.short_words import spoken
from console.signing_page import digests
from ledger.management.command import LedgerCommand
from ledger.services.system_events import SystemEvent, record


class Command(LedgerCommand):
    """Tell the log which signing page this release serves."""

    help = "Enter the SHA-256 of the signing page and of its saved file into _system/events."
    example = "signer_page_publish"

    def act(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  (the command's signature)
        """Record, and tell the same."""
        told: dict[str, Any] = digests()
        record(SystemEvent.SIGNER_PUBLISHED, told)
        return told

    def words(self, told: dict[str, Any]) -> str:
        """Both digests, with words to compare aloud."""
        page, saved = told["bundle"], told["saved"]
        return (
            f"signing page {page}\n  in words: {spoken(bytes.fromhex(page))}\n"
            f"saved file {saved}\n  in words: {spoken(bytes.fromhex(saved))}"
        )
