"""Housekeeping: idempotency keys after 24 hours, and blobs of appends that never committed."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from ledger.models import LeafObject
from ledger.services.idempotency import forget_expired
from ledger.services.raw import own_transaction
from ledger.storage import store

ORPHANED_AFTER = timedelta(hours=24)


def tidy() -> int:
    """Forget expired idempotency keys and orphaned blobs; returns how many of both."""
    with own_transaction() as cursor:
        expired = forget_expired(cursor)
    return expired + sweep_orphans(int(time.time() * 1000))


def sweep_orphans(now_ms: int) -> int:
    """Delete blobs whose batch (a UUIDv7) is older than a day and which no object names; returns how many."""
    deleted = 0
    for key in list(store().keys("blobs")):
        if (
            _made_ms(key) < now_ms - ORPHANED_AFTER.total_seconds() * 1000
            and not LeafObject.objects.filter(blob=key).exists()
        ):
            store().delete(key)
            deleted += 1
    return deleted


def _made_ms(key: str) -> int:
    """Milliseconds since the epoch, from the name of the batch."""
    batch = key.split(os.path.sep)[2]
    return int(batch[:12], 16)
