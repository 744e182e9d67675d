"""Pausing the signer, of one stream or of all: nothing is signed until it is resumed, and nothing is lost.

Guarantees that a pause and its end are rows which nobody changes, each with who and why, and an event in
`_system/events` (through the spool while that stream's own receipts have to wait).
"""

from __future__ import annotations

from django.db import transaction

from ledger.errors import RequestError
from ledger.models import SignerPause
from ledger.selectors.keys import forget
from ledger.selectors.pauses import all_pauses
from ledger.selectors.streams import StreamView
from ledger.services.system_events import SystemEvent, record

MAX_REASON = 500


def set_pause(stream: StreamView | None, *, paused: bool, reason: str, actor: str, dry_run: bool = False) -> bool:
    """Pause or resume the signer of a stream, or of all (None); returns whether that changed anything.

    Raises RequestError for a reason that is empty or longer than 500 characters.
    """
    told = reason.strip()
    if not 1 <= len(told) <= MAX_REASON:
        raise RequestError("A reason is needed", next_step=f"Give one of 1 to {MAX_REASON} characters.")
    stream_id = None if stream is None else stream.id
    if any(one.stream == stream_id for one in all_pauses()) == paused:
        return False
    if not dry_run:
        with transaction.atomic():
            SignerPause.objects.create(stream_id=stream_id, paused=paused, reason=told, actor=actor)
        forget()
        kind = SystemEvent.SIGNER_PAUSED if paused else SystemEvent.SIGNER_RESUMED
        record(kind, {"stream": "all" if stream is None else stream.origin, "reason": told, "actor": actor})
    return True
