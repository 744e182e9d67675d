"""Pausing and resuming reliance on a range of leaves: a control leaf, which every bundle of the range carries.

Guarantees that the leaf is written in the transaction of its caller (and so together with its record, or not at all),
and that the locks of the streams which that transaction writes are taken in the order of their origins.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from ledger.core.envelope import Envelope
from ledger.core.types import JSONObject
from ledger.core.verify.reliance import paused_parts
from ledger.errors import RangeInvalid, RequestError
from ledger.selectors.reliance import spans_of
from ledger.selectors.streams import StreamView
from ledger.services.governed import reference, require
from ledger.services.head import Head, lock_head, refuse_act, refuse_hidden
from ledger.services.notices import Draft, append_notices, reason_of, tell_last
from ledger.services.raw import within
from ledger.services.recovery import ensure_compared


class RelianceUnchanged(RequestError):
    """Nothing to pause or to resume in the range."""

    code = "reliance_unchanged"
    default_next = "Look at the list of pauses, and name another range."


def set_reliance_within(
    stream: StreamView, first: int, last: int, *, paused: bool, reason: str, beside: Sequence[StreamView] = (),
    decision: str | None = None,
) -> Envelope:  # fmt: skip
    """Pause (or resume) reliance on leaves [first, last], both inside, in the caller's transaction; returns the leaf.

    `beside` are the streams that the same transaction appends to later: they are locked here, in order. The head guard
    is told after the commit. A pause only takes reliance away and needs no decision; its end does.

    Raises DecisionNeeded, StreamFrozen, TenantSuspended, RangeInvalid, ReasonRefused, RelianceUnchanged, StreamStopped
    and ClockAhead.
    """
    told = reason_of(reason)
    if not paused:
        require(decision, "reliance.resume")
    for one in (stream, *beside):
        ensure_compared(one)
    with connection.cursor() as outer, within(outer) as cursor:
        heads = {one.id: lock_head(cursor, one.id) for one in sorted((stream, *beside), key=lambda one: one.origin)}
        head = heads[stream.id]
        if paused:
            refuse_hidden(head)
        else:
            refuse_act(head, decision)
        _check(stream, head, first, last, paused=paused)
        state = "paused" if paused else "resumed"
        fields: JSONObject = {
            "from": first,
            "to": last,
            "state": state,
            "reason": told,
            "evidence": None,
            "decision": reference(decision),
        }
        (leaf,) = append_notices(cursor, head, [Draft("reliance", fields)])
    transaction.on_commit(lambda: tell_last(stream, [leaf]), robust=True)
    return leaf


def _check(stream: StreamView, head: Head, first: int, last: int, *, paused: bool) -> None:
    if not 0 <= first <= last < head.size:
        raise RangeInvalid(
            "The range is not one of this stream",
            why=f"leaves {first:,} to {last:,} of {head.size:,}",
            next_step=f"Name leaves from 0 to {head.size - 1:,}, the smaller number first.",
        )
    held = paused_parts(spans_of(stream), first, last)
    if paused and held == [(first, last)]:
        raise RelianceUnchanged("Reliance on all of this range is paused already")
    if not paused and not held:
        raise RelianceUnchanged("Reliance on no leaf of this range is paused")
