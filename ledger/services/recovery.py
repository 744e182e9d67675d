"""Recovery: guard and database are compared before a stream is written, and what was begun is gone on with.

Guarantees that no process appends to or seals a stream over a new database connection before the recovery table
let it, that nothing is remembered of a refusal (a refill, or a guard that came back, ends it), and that an action
is applied only outside of callers' transactions. Design: durability, recovery.
"""

from __future__ import annotations

import logging
from weakref import WeakKeyDictionary

import psycopg
from django.db import DatabaseError, connection

from ledger.core.head_guard import GuardHead, GuardState, Receipted
from ledger.core.recovery import Action, Step
from ledger.core.types import JSONObject
from ledger.errors import LedgerError, StreamClosed
from ledger.selectors.guard_verdict import GO_ON, verdict
from ledger.selectors.leaves import leaf
from ledger.selectors.promises import knows_of
from ledger.selectors.readiness import all_streams
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services import spool
from ledger.services.head import closed_next
from ledger.services.recreate import recreate_row
from ledger.services.system_event import SystemEvent
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import HeadGuardUnreachable

log = logging.getLogger(__name__)

ROUNDS = 8
_compared: WeakKeyDictionary[psycopg.Connection[object], set[int]] = WeakKeyDictionary()
"""Streams that may be written over a connection; both end together."""


def ensure_compared(stream: StreamView, compared: set[int] | None = None) -> None:
    """Recover `stream` unless this connection has done so; raises what `recover` raises.

    `compared` are the streams of another connection than Django's, opened before this call: whatever takes the
    database away from under it ends that connection too.
    """
    known = _of_connection() if compared is None else compared
    if stream.id not in known:
        recover(stream)
        known.add(stream.id)


def recover(stream: StreamView, *, witnessed: tuple[GuardHead, ...] | None = None) -> None:
    """Compare, apply, and compare again, until append and seal may go on; `witnessed` is what every witness said.

    Raises the error of the code that refuses or stops the stream. In a caller's transaction nothing is applied:
    its own leaves are not committed yet.
    """
    forget(stream)
    for _ in range(ROUNDS):
        found = verdict(stream, witnessed=witnessed)
        if found.error is not None:
            raise _closed(stream_by_id(stream.id).successor, found.error)
        if not connection.in_atomic_block:
            for action in found.actions:
                _apply(stream, found.guard or GuardState(), action)
        elif len(found.actions) > 1 or found.actions[0].step not in GO_ON:
            return
        if found.actions[-1].step in GO_ON:
            _of_connection().add(stream.id)
            return
    raise HeadGuardUnreachable("Head guard and database do not come to rest", why=f"{ROUNDS} rounds")


def _closed(successor: str | None, error: LedgerError) -> LedgerError:
    """A closed stream is told as what it is, whatever stopped it."""
    if successor is None:
        return error
    why = f"continued by {successor}; before that, {error.code}"
    return StreamClosed("The stream is closed", why=why, next_step=closed_next(successor))


def forget(stream: StreamView) -> None:
    """Compare again before the next write: the guard has just refused, or a swap was lost."""
    _of_connection().discard(stream.id)


def recover_all() -> int:
    """At start: recover every stream; what is refused is logged. Returns how many may be written."""
    going = 0
    for stream in all_streams():
        if stream.successor is not None:
            continue
        try:
            ensure_compared(stream)
            going += 1
        except (LedgerError, DatabaseError) as error:
            log.critical("stream %s cannot be written: %s", stream.origin, error)
    return going


def _of_connection() -> set[int]:
    connection.ensure_connection()
    return _compared.setdefault(connection.connection, set())


def _apply(stream: StreamView, held: GuardState, action: Action) -> None:
    if action.step is Step.ADVANCE_RECEIPTED and action.receipted is not None:
        own = action.receipted
        head_guard().advance_receipted(stream.origin, own.size, own.leaf_hash, knows_of(stream.id, own))
    elif action.step is Step.RECREATE_ROW and action.head is not None:
        recreate_row(stream, action.head)
    elif action.step is Step.RECORD and action.head is not None:
        _record(stream, held, action.head)


def _record(stream: StreamView, held: GuardState, head: GuardHead) -> None:
    """The guard lost writes: into the spool first, since `_system/events` itself may be the stream."""
    before = held.head.size if held.head is not None else 0
    told: JSONObject = {"stream": stream.origin, "guard_size": before, "size": head.size}
    spool.note(SystemEvent.HEAD_GUARD_BEHIND, told)
    log.error("the head guard lost writes of %s: it held %s leaves of %s", stream.origin, before, head.size)
    own = Receipted(head.size, leaf(stream, head.size - 1).hash)
    head_guard().swap_head(stream.origin, held.head, head, own.leaf_hash, knows_of(stream.id, own))
