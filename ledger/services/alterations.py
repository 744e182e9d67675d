"""Altered objects: bytes that no longer open the commitment in their leaf, written down where they are met.

Guarantees one record in `_system/events` for an object, at most once in an hour from each process, so that
whoever reads a page again and again does not fill the ledger. Neither content nor names are recorded.
"""

from __future__ import annotations

from typing import Final

from django.core.cache import cache

from ledger.errors import CommitmentMismatch
from ledger.selectors.leaves import LeafView, ObjectView, opened
from ledger.selectors.streams import StreamView
from ledger.services.system_events import SystemEvent, record

AGAIN_AFTER_S: Final = 3_600


def opened_or_recorded(
    stream: StreamView, leaf: LeafView, role: str, held: ObjectView, *, door: str, request_id: str = ""
) -> bytes:
    """The bytes of an object that opened its commitment; CommitmentMismatch is recorded and raised.

    `door` says where it was met: a page, a route of the API, an export. Raises PayloadErased too.
    """
    try:
        return opened(leaf, role, held)
    except CommitmentMismatch:
        if cache.add(f"altered:{stream.public_id}:{leaf.index}:{role}", 1, AGAIN_AFTER_S):
            told = {"stream": stream.id, "index": leaf.index, "role": role, "door": door}
            record(SystemEvent.OBJECT_ALTERED, told, request_id=request_id)
        raise
