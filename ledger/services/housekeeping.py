"""Housekeeping: idempotency keys after 24 hours, blobs of appends that never committed, files of bundles that no row
names, and what was half-written.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from ledger.models import Bundle, LeafObject
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.readiness import all_streams, database_clock
from ledger.services import clock
from ledger.services.idempotency import forget_expired
from ledger.services.import_jobs import sweep_uploads
from ledger.services.jobs import OPEN
from ledger.services.raw import own_transaction
from ledger.storage import bundle_key, store

ORPHANED_AFTER = timedelta(hours=24)


def tidy() -> int:
    """Forget what expired, was orphaned, or was left by processes that were killed; returns how many of all.

    Nothing while the clock is wrong: then everything looks as if its time were over.
    """
    if not clock.is_right(database_clock()):
        return 0
    with own_transaction() as cursor:
        expired = forget_expired(cursor)
    now = time.time()
    before = now - ORPHANED_AFTER.total_seconds()
    now_ms = int(now * 1000)
    orphans = sweep_orphans(now_ms) + sweep_bundles(now_ms)
    return expired + orphans + sweep_uploads(now_ms) + store().sweep(before) + _sweep_work(before)


def sweep_orphans(now_ms: int) -> int:
    """Delete blobs whose batch (a UUIDv7) is older than a day and which no object names; returns how many.

    None while the head guard refuses a stream: a database that was put back names fewer blobs than were promised,
    and a refill of its leaves needs them.
    """
    oldest = now_ms - ORPHANED_AFTER.total_seconds() * 1000
    old = [key for key in store().keys("blobs") if _made_ms(key) < oldest]
    orphans = [key for key in old if not LeafObject.objects.filter(blob=key).exists()]
    if not orphans or not _holds_what_was_promised():
        return 0
    for key in orphans:
        store().delete(key)
    return len(orphans)


def _holds_what_was_promised() -> bool:
    """Whether the guard lets every stream be written; a closed one was given up where it ends."""
    return all(verdict(stream).error is None for stream in all_streams() if stream.successor is None)


def sweep_bundles(now_ms: int) -> int:
    """Delete files of bundles which no row names; returns how many.

    One whose job has not ended is its worker's: the row may name the file in the next moment. One that has no row at
    all waits for a day after it was asked for (UUIDv7): a database that was put back may lack the row.
    """
    oldest = now_ms - ORPHANED_AFTER.total_seconds() * 1000
    asked = {key: _bundle_of(key) for key in store().keys("bundles")}
    left = [key for key, one in asked.items() if one is not None and _is_left(key, one, oldest)]
    for key in left:
        store().delete(key)
    return len(left)


def _is_left(key: str, public_id: uuid.UUID, oldest: float) -> bool:
    """Whether nobody claims the file; the job is asked before the row, which is written before the job ends."""
    row = Bundle.objects.filter(public_id=public_id).values_list("job__state", flat=True).first()
    if row is None:
        return public_id.int >> 80 < oldest
    return row not in OPEN and not Bundle.objects.filter(public_id=public_id, file=key).exists()


def _sweep_work(before: float) -> int:
    """Remove folders of exports whose worker was killed."""
    work = Path(settings.COUNTERSIGN_STATE_DIR) / "work"
    left = [folder for folder in work.glob("export-*") if folder.stat().st_mtime < before]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _bundle_of(key: str) -> uuid.UUID | None:
    """The bundle whose file this is; None for a name that is not ours."""
    name = key.rpartition("/")[2].removesuffix(".tar.gz")
    try:
        found = uuid.UUID(hex=name)
    except ValueError:
        return None
    return found if bundle_key(found.hex) == key else None


def _made_ms(key: str) -> int:
    """Milliseconds since the epoch, from the name of the batch."""
    batch = key.split(os.path.sep)[2]
    return int(batch[:12], 16)
