"""P8: a batch of 1,000 events with its receipts, then its window, from the closed window to checkpoint and receipts."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import secrets
import time
from itertools import count

from bench.events import event_of
from ledger.core.ingest import Defaults, from_plain
from ledger.selectors.streams import stream
from ledger.services.append import append_events
from ledger.services.prepare import PACE
from ledger.services.seal import seal_window

_RUN = secrets.token_hex(4)
_numbers = count()


def seal(name: str, events: int) -> dict[str, float]:
    """Seconds of one batch's `append` and of one `seal`; waiting for the pace of checkpoints is not counted."""
    target = stream("bench", name)
    given = [from_plain(event_of(next(_numbers), _RUN), Defaults("", "")) for _ in range(events)]
    begun = time.perf_counter()
    appended = append_events(target, given, actor="key:bench").appended
    between = time.perf_counter()
    assert all(one.receipt.signatures for one in appended)
    time.sleep(PACE.total_seconds())
    sealing = time.perf_counter()
    window = seal_window(target.id, reason="request")
    ended = time.perf_counter()
    assert window is not None
    assert window.count == events + 1
    return {"append": between - begun, "seal": ended - sealing}
