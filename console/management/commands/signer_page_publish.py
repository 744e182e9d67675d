"""`signer_page_publish`: enter the digests of the signing page into the log."""

from __future__ import annotations

from typing import Any

from console.short_words import spoken
from console.signing_page import digests
from console.signing_record import publish_if_new
from ledger.management.command import LedgerCommand


class Command(LedgerCommand):
    """Tell the log which signing page this release serves, where it does not know it yet."""

    help = "Enter the SHA-256 of the signing page and of its saved file into _system/events, where they are new."
    example = "signer_page_publish"

    def act(self, options: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  (the command's signature)
        """Record what is new, and tell the digests."""
        new = publish_if_new()
        return {**digests(), "new": new}

    def words(self, told: dict[str, Any]) -> str:
        """Both digests, with words to compare aloud."""
        page, saved = told["bundle"], told["saved"]
        known = "" if told["new"] else "the log knows them already\n"
        return (
            f"{known}signing page {page}\n  in words: {spoken(bytes.fromhex(page))}\n"
            f"saved file {saved}\n  in words: {spoken(bytes.fromhex(saved))}"
        )
