"""Append: the two named ways by which events enter a stream.

`append_events` commits in a transaction of its own and answers with receipts, which are made only after that
commit and after the head guard was told; `append_within` joins a caller's transaction (a decision and its event
stand or fall together) and answers without receipts. A batch is all or nothing. Design: durability (A1-A4),
performance (traps).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.errors import UniqueViolation

from ledger.core.event import RawEvent
from ledger.errors import BatchEmpty, BatchTooLarge, IntegrityLost
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as stream_named
from ledger.services import idempotency as keys
from ledger.services.answers import Appended, Placed, placed, receipted
from ledger.services.drafts import Draft, Entropy, drafts_of
from ledger.services.group import Slot, append_group
from ledger.services.idempotency import IdempotencyKey
from ledger.services.ids import fresh_id
from ledger.services.lookup import lookup_key
from ledger.services.profiles import ProfileWarning, check_profiles
from ledger.services.promise import promise, promise_after_commit
from ledger.services.raw import HasConnection, own_transaction, within
from ledger.services.recovery import ensure_compared
from ledger.services.stop import stop

__all__ = ["AppendResult", "Appended", "IdempotencyKey", "Placed", "append_events", "append_within"]

MAX_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What came of a call, in the order of its events; `replayed` when it added nothing."""

    appended: tuple[Appended, ...]
    replayed: bool
    warnings: tuple[ProfileWarning, ...] = ()


def append_events(
    stream: StreamView, events: Sequence[RawEvent], *, actor: str,
    idempotency: IdempotencyKey | None = None, entropy: Entropy = os.urandom,
) -> AppendResult:  # fmt: skip
    """Append a batch durably and answer with receipts, leaves and salts; `entropy` gives the salts.

    Raises BatchEmpty, BatchTooLarge, ProfileRefused, EventConflict, IdempotencyConflict, PayloadErased,
    StreamStopped, ClockAhead, and what the head guard refuses with. After a KeyUnusable or a refusal of the
    guard the events may be kept without receipts; sent again, they are answered with theirs.
    """
    del actor  # Opaque; doors log it. The leaf says nothing of callers that the event does not say itself.
    _check_count(events)
    warnings = check_profiles(stream.profile_mode, events)
    ensure_compared(stream)
    batch = fresh_id()
    drafts = drafts_of(events, lookup_key(stream.origin, stream.lookup_key), batch, entropy)
    slots = _committed(stream, drafts, batch, idempotency)
    promised = promise(stream, slots)
    appended = receipted(stream, slots, promised)
    return AppendResult(appended, all(one.replayed for one in appended), tuple(warnings))


def append_within(
    cursor: HasConnection, namespace: str, name: str, events: Sequence[RawEvent], *,
    actor: str, entropy: Entropy = os.urandom,
) -> tuple[Placed, ...]:  # fmt: skip
    """Append in the transaction of `cursor` (Django's or psycopg's); the lock is held until it ends.

    Receipts can be asked for after the commit. Whoever appends to several streams calls in the order of their
    origins. Raises as `append_events` does.
    """
    del actor
    _check_count(events)
    target = stream_named(namespace, name)
    ensure_compared(target)
    batch = fresh_id()
    drafts = drafts_of(events, lookup_key(target.origin, target.lookup_key), batch, entropy)
    with within(cursor) as raw:
        slots = append_group(raw, target.id, drafts, batch=batch, look_up=True)
    promise_after_commit(target, slots)
    return placed(target, slots)


def _check_count(events: Sequence[RawEvent]) -> None:
    if not events:
        raise BatchEmpty("A batch needs at least one event")
    if len(events) > MAX_BATCH:
        raise BatchTooLarge(f"At most {MAX_BATCH:,} events are taken at once", why=f"{len(events):,}")


def _committed(
    stream: StreamView, drafts: Sequence[Draft], batch: uuid.UUID, idempotency: IdempotencyKey | None
) -> list[Slot]:
    """Optimistic: most batches hold nothing known, so the look-up is paid only after a violation."""
    try:
        return _once(stream, drafts, batch, idempotency, look_up=False)
    except UniqueViolation:
        pass
    try:
        return _once(stream, drafts, batch, idempotency, look_up=True)
    except UniqueViolation as error:
        lost = IntegrityLost("A leaf stands where the head says the log ends", why=str(error.diag.constraint_name))
        stop(stream.id, lost)
        raise lost from error


def _once(
    stream: StreamView,
    drafts: Sequence[Draft],
    batch: uuid.UUID,
    idempotency: IdempotencyKey | None,
    *,
    look_up: bool,
) -> list[Slot]:
    with own_transaction() as cursor:
        if idempotency is not None:
            before = keys.claim(cursor, stream.namespace, stream.id, idempotency)
            if before is not None:
                return [Slot(index, None, None, None, replayed=True) for index in before]
        slots = append_group(cursor, stream.id, drafts, batch=batch, look_up=look_up)
        if idempotency is not None:
            keys.remember(cursor, stream.namespace, idempotency, [slot.index for slot in slots])
        return slots
