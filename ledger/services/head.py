"""The head row: the one lock of a stream, and what changes when leaves are added.

SELECT ... FOR UPDATE under READ COMMITTED reads the newest committed head in the same round trip (an advisory
lock and a read in one statement would read a stale one). Locks of several streams are taken in the order of
their origins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ledger.core.control import Link
from ledger.core.envelope import Envelope
from ledger.core.event_mold import CastLeaf
from ledger.core.types import Hash, LeafIndex
from ledger.errors import StreamClosed, StreamFrozen, StreamStopped, StreamUnknown, TenantSuspended
from ledger.selectors.readiness import database_clock
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services import clock
from ledger.services.raw import RawCursor

# clock_timestamp() stands outside the CTE, so it is read after the lock was granted.
_LOCK = """
WITH head AS MATERIALIZED (SELECT * FROM ledger_streamhead WHERE stream_id = %s FOR UPDATE)
SELECT head.size, head.last_hash, head.last_recorded, head.control_index, head.control_hash, head.receipt_kid,
       head.window_number, head.window_from, head.window_opened, head.events_open, head.waiting_since,
       head.signed_size, head.stopped, stream.origin, clock_timestamp(),
       set_config('synchronous_commit', 'on', true), head.successor, head.restriction
FROM head JOIN ledger_stream AS stream ON stream.id = %s
"""
ADVANCE = """
UPDATE ledger_streamhead
SET size = %(size)s, last_hash = %(last_hash)s, last_recorded = %(recorded)s,
    events_open = events_open + %(waiting)s,
    waiting_since = CASE WHEN %(waiting)s > 0 THEN COALESCE(waiting_since, %(recorded)s) ELSE waiting_since END
WHERE stream_id = %(stream)s
"""
"""Moves a head; its values are `advance_values`."""
_CONTROL = "UPDATE ledger_streamhead SET control_index = %s, control_hash = %s, receipt_kid = %s WHERE stream_id = %s"


@dataclass(frozen=True, slots=True)
class Head:
    """A locked head; `recorded` is the time of leaves that are appended under this lock."""

    stream_id: int
    size: int
    last_hash: Hash
    control: Link
    receipt_kid: str
    window_number: int
    window_from: int
    window_opened: datetime
    events_open: int
    waiting_since: datetime | None
    signed_size: int
    stopped: str | None
    successor: str | None
    restriction: str
    origin: str
    clock: datetime
    recorded: datetime


class Restricted(Protocol):
    """A locked head, or a view of a stream."""

    @property
    def origin(self) -> str:
        """The stream's."""

    @property
    def restriction(self) -> str:
        """What holds for it."""


def lock_head(cursor: RawCursor, stream_id: int) -> Head:
    """Lock the stream until the transaction ends; raises StreamUnknown, ClockAhead, or StreamStopped if
    stopped (StreamClosed where another log continues what was stopped).
    """
    ask_for_head(cursor, stream_id)
    return head_in(cursor, stream_id)


def ask_for_head(cursor: RawCursor, stream_id: int) -> None:
    """Send for the lock; in a pipeline it is granted when `head_in` reads the answer."""
    cursor.execute(_LOCK, (stream_id, stream_id))


def head_in(cursor: RawCursor, stream_id: int) -> Head:
    """The head that was sent for, locked; raises as `lock_head`, and leaves the transaction usable then."""
    row = cursor.fetchone()
    if row is None:
        raise StreamUnknown("There is no such stream")
    if row[12] is not None:
        raise _closed(row[16]) if row[16] is not None else StreamStopped("The stream is stopped", why=f"code {row[12]}")
    now = row[14]
    clock.check_machine(now, datetime.now(UTC))
    clock.watch.check(now, clock.steady_seconds())
    control = Link(LeafIndex(row[3]), Hash(bytes(row[4])))
    recorded = clock.recorded_at(now, row[2])
    return Head(
        stream_id=stream_id, size=row[0], last_hash=Hash(bytes(row[1])), control=control, receipt_kid=row[5],
        window_number=row[6], window_from=row[7], window_opened=row[8], events_open=row[9],
        waiting_since=row[10], signed_size=row[11], stopped=row[12], successor=row[16], restriction=row[17],
        origin=row[13], clock=now, recorded=recorded,
    )  # fmt: skip


def lies_ahead(stream: StreamView, by: timedelta = clock.TOLERANCE) -> bool:
    """Whether the newest leaf was recorded more than `by` after what database and machine now call the time: until
    then nothing can follow it.

    Raises ClockAhead where the two do not agree about it: then the clock is wrong, and not the leaf.
    """
    now = database_clock()
    if stream.recorded - now <= by:
        return False
    if stream.recorded - datetime.now(UTC) <= by:
        raise clock.behind(now, stream.recorded)
    return True


def refuse_closed(head: Head) -> None:
    """Raise StreamClosed where another log continues this one: it takes no event any more, and can still be sealed."""
    if head.successor is not None:
        raise _closed(head.successor)


def refuse_hidden(head: Restricted) -> None:
    """Raise StreamUnknown where the stream's tenant is disabled: it is as if it were not there."""
    if "disabled" in head.restriction:
        raise StreamUnknown("There is no such stream", why=head.origin)


def refuse_restricted(head: Restricted) -> None:
    """Raise StreamFrozen, TenantSuspended or StreamUnknown where the stream takes no event now.

    The column is read under the row's lock, so a restriction that was committed before is obeyed by the next group.
    """
    refuse_hidden(head)
    refuse_frozen(head)
    if "suspended" in head.restriction:
        raise TenantSuspended("The tenant of the stream is suspended", why=f"{head.origin} is read and exported only")


def refuse_frozen(head: Restricted) -> None:
    """Raise StreamFrozen where a freeze holds the stream."""
    if "frozen" in head.restriction:
        raise StreamFrozen("The stream is frozen", why=head.origin)


def refuse_act(head: Restricted, decision: str | None) -> None:
    """Raise what keeps people from changing anything about the stream: a freeze always, a suspension unless an
    executed change (`decision`) does it.
    """
    if decision is None:
        refuse_restricted(head)
    refuse_frozen(head)


def refuse_act_on(stream: StreamView, decision: str | None) -> None:
    """As `refuse_act`, by what is committed, for what is changed beside the log and without its lock."""
    refuse_act(stream_by_id(stream.id), decision)


def _closed(successor: str) -> StreamClosed:
    return StreamClosed("The stream is closed", why=f"continued by {successor}", next_step=closed_next(successor))


def closed_next(successor: str) -> str:
    """Where the events go instead."""
    return f"Send the events to {successor.partition('/log/')[2]}."


def advance(cursor: RawCursor, head: Head, leaves: Sequence[Envelope | CastLeaf], *, waiting: int) -> None:
    """Move a locked head over `leaves`, of which `waiting` are no manifests or anchors."""
    cursor.execute(ADVANCE, advance_values(head, leaves, waiting=waiting))


def advance_values(head: Head, leaves: Sequence[Envelope | CastLeaf], *, waiting: int) -> dict[str, Any]:
    """What `ADVANCE` is told, to move a locked head over `leaves`."""
    last = leaves[-1]
    return {
        "size": last.index + 1, "last_hash": last.leaf_hash, "recorded": head.recorded, "waiting": waiting,
        "stream": head.stream_id,
    }  # fmt: skip


def advance_control(cursor: RawCursor, head: Head, leaf: Envelope, receipt_kid: str | None = None) -> None:
    """Move a locked head over one control leaf; `receipt_kid` is the key of the leaves behind it, where it changes."""
    advance(cursor, head, [leaf], waiting=1)
    cursor.execute(_CONTROL, (leaf.index, leaf.leaf_hash, receipt_kid or head.receipt_kid, head.stream_id))
