"""P8: sealing a window of 1,000 events, from the closed window to the stored checkpoint and receipts."""

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


def seal(name: str, events: int) -> float:
    """Seconds for one seal; appending the events, and waiting for the pace of checkpoints, are not counted."""
    target = stream("bench", name)
    given = [from_plain(event_of(next(_numbers), _RUN), Defaults("", "")) for _ in range(events)]
    append_events(target, given, actor="key:bench")
    time.sleep(PACE.total_seconds())
    begun = time.perf_counter()
    window = seal_window(target.id, reason="request")
    seconds = time.perf_counter() - begun
    assert window is not None
    assert window.count == events + 1
    return seconds
