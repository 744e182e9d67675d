"""`seal_key_rotate`: every sealed secret under the first key of COUNTERSIGN_SEAL_KEY, so that the others can go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from console.demo import recovery
from governance.identity.models.second_factor import CODES
from governance.identity.resealing import authenticators, has_codes
from ledger.errors import RequestError
from ledger.management.command import LedgerCommand
from ledger.management.progress import Progress
from ledger.models import KeptSecret, SigningKey, Stream
from ledger.services import resealing
from ledger.services.resealing import keep_derived, secrets_of_ledger
from ledger.services.system_events import SystemEvent, flush_spool, record


class Command(LedgerCommand):
    """Seal everything anew."""

    help = (
        "Seal every secret at rest under the first key of COUNTERSIGN_SEAL_KEY (NEW,OLD): signing keys, lookup keys, "
        "secrets of authenticators. As the owner of the tables; killed, it is gone on with."
    )
    example = "seal_key_rotate"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether anything is written."""
        parser.add_argument("--dry-run", action="store_true", help="open every secret, count, and seal none")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Seal anew, then let the spool's lines of the old key into the ledger."""
        dry = bool(options["dry_run"])
        if not settings.COUNTERSIGN_SEAL_KEYS_BEFORE:
            raise RequestError(
                "There is one seal key alone: nothing is rotated",
                next_step="Set COUNTERSIGN_SEAL_KEY=NEW,OLD in every process, restart them, then run this.",
            )
        kept = keep_derived(CODES) if has_codes() and not dry else 0
        progress = Progress(SigningKey.objects.count() + Stream.objects.count(), "secrets", silent=options["json"])
        ledger = resealing.reseal(secrets_of_ledger(), dry_run=dry, tell=progress.show)
        identity = resealing.reseal(authenticators(), dry_run=dry)
        files = recovery.seal_files_anew(settings.COUNTERSIGN_STATE_DIR, dry_run=dry)
        told = {
            "done": not dry,
            "secrets": ledger.total + identity.total + files[0],
            "sealed_anew": ledger.changed + identity.changed + files[1],
            "derived_keys_kept": KeptSecret.objects.count(),
        }
        if not dry:
            flush_spool()
            record(SystemEvent.SEALED_ANEW, {name: told[name] for name in ("secrets", "sealed_anew")} | {"kept": kept})
        return told

    def words(self, told: dict[str, Any]) -> str:
        """What was done, and when the old key may go."""
        counts = f"{told['sealed_anew']:,} of {told['secrets']:,} secrets"
        if not told["done"]:
            return f"Every secret opens. Would seal {counts} anew. Nothing was done."
        return (
            f"Sealed {counts} anew. Run it once more: at 0, take the old key out of COUNTERSIGN_SEAL_KEY and restart. "
            "Backups from before still need it."
        )
