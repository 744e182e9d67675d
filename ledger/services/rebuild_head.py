"""The head's derived columns, under its lock, from the leaves and the newest note.

`size`, `last_hash` and `stopped` are never touched: they say where the log ends and whether it may go on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ledger.core.control import ControlHistory
from ledger.core.times import parse_time
from ledger.services.raw import RawCursor, own_transaction
from ledger.services.rebuild_differences import Differences
from ledger.services.store_frozen import Frozen
from ledger.services.store_whole import Ends

_COLUMNS = (
    "last_recorded", "control_index", "control_hash", "receipt_kid", "window_number", "window_from", "window_opened",
    "events_open", "waiting_since", "signed_size",
)  # fmt: skip
_LOCK = """
SELECT size, last_hash, last_recorded, control_index, control_hash, receipt_kid, window_number, window_from,
       window_opened, events_open, waiting_since, signed_size
FROM ledger_streamhead WHERE stream_id = %s FOR UPDATE
"""
_WRITE = """
UPDATE ledger_streamhead
SET last_recorded = %s, control_index = %s, control_hash = %s, receipt_kid = %s, window_number = %s, window_from = %s,
    window_opened = %s, events_open = %s, waiting_since = %s, signed_size = %s
WHERE stream_id = %s
"""


def mend_head(frozen: Frozen, ends: Ends, found: Differences, *, dry_run: bool) -> None:
    """Write the columns that differ; nothing where the log has grown since, which moved them by itself."""
    with own_transaction() as cursor:
        size, last_hash, *held = _row(cursor, frozen.stream.id)
        if (size, bytes(last_hash).hex()) != (frozen.size, ends.hash):
            found.differs("head", "size", "the log has grown meanwhile: run it again")
            return
        told = _told(frozen, frozen.history, ends, str(held[3])) if frozen.history else tuple(held)
        wrong = [name for name, was, now in zip(_COLUMNS, held, told, strict=True) if _plain(was) != now]
        for name in wrong:
            found.differs("head columns", f"head {name}", _word(told[_COLUMNS.index(name)]))
        if wrong and not dry_run:
            cursor.execute(_WRITE, (*told, frozen.stream.id))


def _row(cursor: RawCursor, stream_id: int) -> tuple[Any, ...]:
    row = cursor.execute(_LOCK, (stream_id,)).fetchone()
    return () if row is None else row


def _told(frozen: Frozen, known: ControlHistory, ends: Ends, kid: str) -> tuple[Any, ...]:
    last = ends.manifest
    newest, in_force = known.leaves[-1], list(known.delegated_at("receipt", frozen.size))
    since = None if ends.since is None else parse_time(ends.since)
    opened = parse_time(last.recorded or known.genesis.recorded)
    key = kid if kid in in_force else in_force[-1]
    return (
        parse_time(ends.recorded), int(newest.index), bytes(newest.leaf_hash), key, last.number, last.index, opened,
        ends.open, since, frozen.facts.signed_size,
    )  # fmt: skip


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
