"""`signer_pause NS/NAME|--all --reason WHY`: nothing is signed until it is resumed."""

from __future__ import annotations

from ledger.management.pause_command import PauseCommand


class Command(PauseCommand):
    """Pause the signer."""

    help = "Pause the signer of a stream, or of all: events are taken, receipts and checkpoints wait."
    example = 'signer_pause acme/decisions --reason "the key ceremony of Friday"'
    paused = True
