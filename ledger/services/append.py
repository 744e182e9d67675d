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

from django.db import connection

from ledger.core.event import RawEvent
from ledger.errors import BatchEmpty, BatchTooLarge
from ledger.selectors.streams import StreamView, written_to
from ledger.selectors.streams import stream as stream_named
from ledger.services import committer
from ledger.services.answers import Appended, Placed, placed, receipted
from ledger.services.committer import Grounds, GroundsChanged
from ledger.services.drafts import Draft, Entropy, drafts_of
from ledger.services.group import append_group
from ledger.services.idempotency import IdempotencyKey
from ledger.services.ids import fresh_id
from ledger.services.lookup import lookup_key
from ledger.services.profiles import ProfileWarning, check_profiles
from ledger.services.promise import promise, promise_after_commit
from ledger.services.raw import HasConnection, within
from ledger.services.receipt_pending import NO_SIGNATURE, ReceiptPending, refuse_without_signer
from ledger.services.recovery import ensure_compared

__all__ = [
    "AppendResult", "Appended", "Grounds", "GroundsChanged", "IdempotencyKey", "Placed", "append_events",
    "append_within",
]  # fmt: skip

MAX_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What came of a call, in the order of its events; `replayed` when it added nothing."""

    appended: tuple[Appended, ...]
    replayed: bool
    warnings: tuple[ProfileWarning, ...] = ()


def append_events(
    stream: StreamView, events: Sequence[RawEvent], *, actor: str,
    idempotency: IdempotencyKey | None = None, grounds: Grounds | None = None, entropy: Entropy = os.urandom,
) -> AppendResult:  # fmt: skip
    """Append a batch durably and answer with receipts, leaves and salts; `entropy` gives the salts.

    `grounds` are asked again in the transaction; raises GroundsChanged where they do not hold any more.

    Raises BatchEmpty, BatchTooLarge, ProfileRefused, EventConflict, IdempotencyConflict, PayloadErased, StreamStopped,
    StreamClosed, StreamFrozen, TenantSuspended, StreamUnknown, ClockAhead, StorageFull, AppendTimeout, CommitUnknown,
    psycopg.Error, and what the head guard refuses with. After the last four the events may be kept without receipts;
    after ReceiptPending they are. Sent again, they get theirs. KeyUnusable and SignerPaused are raised by a stream
    that takes nothing without a receipt.
    """
    _check_count(events)
    _refuse_within_transaction()
    warnings = check_profiles(stream.profile_mode, events)
    refuse_without_signer(stream)
    batch = fresh_id()
    drafts = _drafts(stream, events, batch, entropy)
    kept = _committed(committer.Item(stream, drafts, batch, actor, idempotency, grounds))
    promised = _promised(kept)
    try:
        appended = receipted(stream, kept.slots, promised)
    except NO_SIGNATURE as error:
        raise ReceiptPending(placed(stream, kept.slots), error) from error
    return AppendResult(appended, all(one.replayed for one in appended), tuple(warnings))


def append_within(
    cursor: HasConnection, namespace: str, name: str, events: Sequence[RawEvent], *,
    actor: str, entropy: Entropy = os.urandom,
) -> tuple[Placed, ...]:  # fmt: skip
    """Append in the transaction of `cursor` (Django's or psycopg's); the lock is held until it ends.

    Receipts can be asked for after the commit. Whoever appends to several streams calls in the order of their
    origins. Raises as `append_events` does.
    """
    _check_count(events)
    target = written_to(namespace, name) if namespace.startswith("_") else stream_named(namespace, name)
    ensure_compared(target)
    batch = fresh_id()
    drafts = _drafts(target, events, batch, entropy)
    with within(cursor) as raw:
        slots = append_group(raw, target.id, drafts, batch=batch, actor=actor)
    promise_after_commit(target, slots)
    return placed(target, slots)


def _check_count(events: Sequence[RawEvent]) -> None:
    if not events:
        raise BatchEmpty("A batch needs at least one event")
    if len(events) > MAX_BATCH:
        raise BatchTooLarge(f"At most {MAX_BATCH:,} events are taken at once", why=f"{len(events):,}")


def _refuse_within_transaction() -> None:
    """What is committed apart would be receipted though the caller rolled back."""
    if connection.in_atomic_block:
        raise RuntimeError("append_events is durable by itself: inside a transaction use append_within")


def _drafts(stream: StreamView, events: Sequence[RawEvent], batch: uuid.UUID, entropy: Entropy) -> list[Draft]:
    return drafts_of(events, stream.origin, lookup_key(stream.origin, stream.lookup_key), batch, entropy)


def _committed(item: committer.Item) -> committer.Item:
    committer.keep(item)
    return item


def _promised(item: committer.Item) -> int:
    """The size that the guard was told; where nothing was new, it is told here, of the newest that was asked for."""
    return promise(item.stream, item.slots) if item.promised is None else item.promised
