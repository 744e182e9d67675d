"""Housekeeping: idempotency keys after 24 hours, blobs of appends that never committed, and what was half-written."""

from __future__ import annotations

import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from ledger.models import LeafObject
from ledger.services.idempotency import forget_expired
from ledger.services.import_jobs import sweep_uploads
from ledger.services.raw import own_transaction
from ledger.storage import store

ORPHANED_AFTER = timedelta(hours=24)


def tidy() -> int:
    """Forget what expired, was orphaned, or was left by processes that were killed; returns how many of all."""
    with own_transaction() as cursor:
        expired = forget_expired(cursor)
    now = time.time()
    before = now - ORPHANED_AFTER.total_seconds()
    now_ms = int(now * 1000)
    return expired + sweep_orphans(now_ms) + sweep_uploads(now_ms) + store().sweep(before) + _sweep_work(before)


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


def _sweep_work(before: float) -> int:
    """Remove folders of exports whose worker was killed."""
    work = Path(settings.COUNTERSIGN_STATE_DIR) / "work"
    left = [folder for folder in work.glob("export-*") if folder.stat().st_mtime < before]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _made_ms(key: str) -> int:
    """Milliseconds since the epoch, from the name of the batch."""
    batch = key.split(os.path.sep)[2]
    return int(batch[:12], 16)
