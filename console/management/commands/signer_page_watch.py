"""`signer_page_watch ADDRESS`: fetch a signing page as anybody gets it, and compare it with what the log knows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from console.signing_record import newest_entry
from console.signing_watch import PageDiffers, check, fetched
from ledger.management.command import LedgerCommand


class Command(LedgerCommand):
    """Run it from several networks, on a timer; its exit says whether the page is the expected one."""

    help = "Fetch the signing page at an address and compare its SHA-256 with the log's entry, or with what is given."
    example = "signer_page_watch https://sign.example.org/sign/ --expect 2c26b4…"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to fetch, and what to expect."""
        parser.add_argument("address", metavar="ADDRESS", help="folder of the signing page, such as https://…/sign/")
        parser.add_argument("--expect", metavar="SHA256", help="the page's digest; without it the log of this server")
        parser.add_argument("--expect-saved", metavar="SHA256", help="the digest of the saved file, beside --expect")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Fetch, then compare; raises PageDiffers or PageUnreachable."""
        bundle, saved, where = self._expected(options)
        found: dict[str, Any] = fetched(options["address"])
        check(found, bundle, saved)
        return {**found, "address": options["address"], "expected_by": where}

    def words(self, told: dict[str, Any]) -> str:
        """One line that it is the expected one."""
        return f"{told['address']} is the page of {told['expected_by']}\n  SHA-256 {told['bundle']}"

    def _expected(self, options: dict[str, Any]) -> tuple[str, str | None, str]:
        if options["expect"]:
            return options["expect"], options["expect_saved"], "--expect"
        entry = newest_entry()
        if entry is None:
            raise PageDiffers(
                "The log knows no signing page yet", next_step="Run signer_page_publish, or give --expect."
            )
        told = entry.digests
        return str(told["bundle"]), str(told["saved"]), f"record {entry.index} of _system/events"
