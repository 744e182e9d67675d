"""Seal: close the open window and sign one checkpoint over the whole log (design: durability, S1 to S6).

Guarantees that a sealer killed at any step is resumed by the next one without a second manifest, that nothing
is signed but what the head guard holds, and that two sealers at once end in one window and one note. A window is
closed by count, by age or on request; never when it holds manifests alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias, TypeVar

from django.db import connection

from ledger.errors import IntegrityLost, LedgerError
from ledger.selectors.checkpoints import WindowView, window
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services.checkpoint import receipt_signatures, sign, store_checkpoint
from ledger.services.prepare import PreparedCheckpoint, TooSoon, prepare
from ledger.services.promise import manifest_of, swapped, tell
from ledger.services.publish import publish
from ledger.services.recovery import ensure_compared, recover
from ledger.services.stop import stop
from ledger.services.system_events import SystemEvent, record
from ledger.storage.guards.errors import HeadGuardConflict

log = logging.getLogger(__name__)

FAILURE_PACE_S = 300.0
SWAPS = 3
_recorded: dict[tuple[int, str], float] = {}
T = TypeVar("T")
Reason: TypeAlias = Literal["count", "age", "request"]
Reached: TypeAlias = Callable[[str], None]

_DUE = """
SELECT stream.id, CASE WHEN head.events_open >= stream.window_count THEN 'count' ELSE 'age' END
FROM ledger_streamhead AS head JOIN ledger_stream AS stream ON stream.id = head.stream_id
LEFT JOIN ledger_prepared AS prepared ON prepared.stream_id = head.stream_id
WHERE head.stopped IS NULL AND (
    prepared.stream_id IS NOT NULL
    OR head.events_open >= stream.window_count
    OR head.waiting_since <= clock_timestamp() - stream.window_age_s * interval '1 second')
ORDER BY head.waiting_since NULLS FIRST
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A stream whose window should be closed, and why."""

    stream_id: int
    reason: Reason


def _on(_step: str) -> None:
    """Nobody asked to be told."""


def due_streams() -> list[Due]:
    """Streams with a seal to resume, a full window or an old one; the longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        return [Due(*row) for row in cursor.fetchall()]


def seal_window(stream_id: int, *, reason: Reason, reached: Reached = _on) -> WindowView | None:
    """Seal one stream; None where there is nothing to seal, or the last checkpoint is younger than a second.

    A request waits for that second. `reached` is told each step (`S1`, `told`, `S2` to `S5`) when it is done.
    Raises StreamUnknown, StreamStopped, ClockAhead, KeyUnusable and what the head guard refuses with;
    IntegrityLost stops the stream.
    """
    _stopping(stream_id, lambda: ensure_compared(stream_by_id(stream_id)))
    for _ in range(SWAPS):
        prepared = _stopping(stream_id, lambda: _prepared(stream_id, reason))
        if prepared is None:
            return None
        reached("S1")
        sealed = _stopping(stream_id, partial(_finished, stream_by_id(stream_id), prepared, reached))
        if sealed is not None:
            return sealed
        recover(stream_by_id(stream_id))
    raise HeadGuardConflict("The head guard's head was replaced by another", why=f"{SWAPS} swaps were lost")


def _stopping(stream_id: int, act: Callable[[], T]) -> T:
    """Do it; evidence that contradicts itself stops the stream."""
    try:
        return act()
    except IntegrityLost as error:
        stop(stream_id, error)
        raise


def _prepared(stream_id: int, reason: Reason) -> PreparedCheckpoint | None:
    found = prepare(stream_by_id(stream_id), reason)
    if isinstance(found, TooSoon):
        if reason != "request":
            return None
        time.sleep(found.wait_s)
        found = prepare(stream_by_id(stream_id), reason)
    return None if isinstance(found, TooSoon) else found


def _finished(stream: StreamView, prepared: PreparedCheckpoint, reached: Reached) -> WindowView | None:
    """S2 to S6; None where the swap was lost and nobody else has sealed this window."""
    if stream.signed_size < prepared.size:
        manifest = manifest_of(stream, prepared)
        tell(stream, manifest)
        reached("told")
        publish(stream, prepared)
        reached("S2")
        if not swapped(stream, prepared, manifest):
            sealed = stream_by_id(stream.id).signed_size >= prepared.size
            return window(stream, prepared.number) if sealed else None
        reached("S3")
        note = sign(stream, prepared)
        reached("S4")
        receipts = receipt_signatures(stream, stream.signed_size, prepared.size)
        store_checkpoint(stream, prepared, note, receipts)
        reached("S5")
    return window(stream, prepared.number)


def seal_due() -> int:
    """Seal every stream that is due; one that fails is recorded and does not keep the others. Returns how
    many sealed.
    """
    sealed = 0
    for due in due_streams():
        try:
            sealed += seal_window(due.stream_id, reason=due.reason) is not None
        except LedgerError as error:
            _record_failure(due, error)
    return sealed


def _record_failure(due: Due, error: LedgerError) -> None:
    """Record a failing seal once in five minutes, not once a tick."""
    key, now = (due.stream_id, error.code), time.monotonic()
    log.error("sealing stream %s failed: %s", due.stream_id, error)
    if now - _recorded.get(key, -FAILURE_PACE_S) >= FAILURE_PACE_S:
        _recorded[key] = now
        told = {"stream": stream_by_id(due.stream_id).origin, "code": error.code, "reason": str(error)}
        record(SystemEvent.SEAL_FAILED, told)
