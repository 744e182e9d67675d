"""`signer_resume NS/NAME|--all --reason WHY`: what waited is signed."""

from __future__ import annotations

from ledger.management.pause_command import PauseCommand


class Command(PauseCommand):
    """Resume the signer."""

    help = "Resume the signer of a stream, or of all: receipts and checkpoints that waited are made."
    example = 'signer_resume acme/decisions --reason "the ceremony is over"'
    paused = False
