"""Holds: what they cover is erased by nobody until they are released, by their case.

Placed and released under the stream's lock, as erasures are, so neither ever overtakes the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction

from ledger.core.envelope import Envelope
from ledger.core.hold import Hold
from ledger.core.schemas import PARTS
from ledger.core.spans import MAX_SPANS, Span, common, joined, without
from ledger.errors import NotThere, RangeInvalid, RequestError
from ledger.models import Notice
from ledger.selectors.notices import erased_spans, events_within, held_spans
from ledger.selectors.streams import StreamView
from ledger.services.governed import reference, require
from ledger.services.head import Head, lock_head, refuse_act, refuse_hidden
from ledger.services.notices import Draft, append_notices, reason_of, tell_last
from ledger.services.raw import RawCursor, own_transaction, within
from ledger.services.recovery import ensure_compared

MAX_CASE_BYTES = 256


class CaseRefused(RequestError):
    """A hold without a case, or with one that cannot stand in a leaf."""

    code = "case_refused"
    default_next = "Give a reference of 1 to 256 bytes without names of persons: it stays in the log for ever."


@dataclass(frozen=True, slots=True)
class Placed:
    """Leaves that were written; how many events the case covers now, and of how many some part was erased before."""

    leaves: tuple[int, ...]
    events: int
    erased: int


def place_hold(stream: StreamView, spans: Sequence[Span], *, case: str, reason: str, by: str) -> Placed:
    """Hold the events in these spans under `case`; what it covers already is not written again.

    Raises CaseRefused, ReasonRefused, RangeInvalid, StreamStopped, ClockAhead, and what the head guard refuses with.
    """
    _check_case(case)
    told = reason_of(reason)
    ensure_compared(stream)
    with own_transaction() as cursor:
        head = lock_head(cursor, stream.id)
        refuse_hidden(head)
        wanted = sorted(events_within(head.stream_id, common(joined(spans), [(0, head.size - 1)])))
        if not wanted:
            raise RangeInvalid("There is no event in this range", why=f"of {head.size:,} leaves")
        before = held_spans(head.stream_id).get(case, [])
        new = sorted(events_within(head.stream_id, without(wanted, before)))
        leaves = _written(cursor, head, new, Hold((), released=False, case=case, reason=told, by=by))
        covered = joined([*before, *new])
    tell_last(stream, leaves)
    return Placed(tuple(leaf.index for leaf in leaves), _events(stream.id, covered), _erased(stream.id, covered))


def release_hold(stream: StreamView, *, case: str, reason: str, by: str, decision: str | None = None) -> Placed:
    """Release everything that is held under `case`; `events` were covered. Raises NotThere where nothing is, and as
    `place_hold` does; DecisionNeeded, StreamFrozen and TenantSuspended besides: what a hold keeps may go afterwards.
    """
    with transaction.atomic(durable=True):
        return release_within(stream, case=case, reason=reason, by=by, decision=decision)


def release_within(stream: StreamView, *, case: str, reason: str, by: str, decision: str | None) -> Placed:
    """As `release_hold`, in the caller's transaction; the guard is told after the commit."""
    require(decision, "hold.release")
    told = reason_of(reason)
    ensure_compared(stream)
    with connection.cursor() as outer, within(outer) as cursor:
        head = lock_head(cursor, stream.id)
        refuse_act(head, decision)
        held = held_spans(head.stream_id).get(case)
        if held is None:
            raise NotThere("Nothing is held under this case", why=repr(case)[:80], next_step="Check the case.")
        Notice.objects.filter(stream_id=head.stream_id, kind="hold", name=case, is_open=True).update(is_open=False)
        hold = Hold((), released=True, case=case, reason=told, by=by, decision=reference(decision))
        leaves = _written(cursor, head, held, hold)
    transaction.on_commit(lambda: tell_last(stream, leaves), robust=decision is not None)
    return Placed(tuple(leaf.index for leaf in leaves), _events(stream.id, held), _erased(stream.id, held))


def _check_case(case: str) -> None:
    if not case.isprintable() or not 1 <= len(case.strip().encode()) <= MAX_CASE_BYTES or case != case.strip():
        raise CaseRefused("A hold needs a case", why=repr(case)[:80], path="$.case")


def _written(cursor: RawCursor, head: Head, spans: Sequence[Span], hold: Hold) -> list[Envelope]:
    drafts = []
    for first in range(0, len(spans), MAX_SPANS):
        part = tuple(spans[first : first + MAX_SPANS])
        drafts.append(Draft("hold", replace(hold, spans=part).fields(), is_open=not hold.released))
    return append_notices(cursor, head, drafts)


def _events(stream_id: int, spans: Sequence[Span]) -> int:
    return sum(events_within(stream_id, spans).values())


def _erased(stream_id: int, spans: Sequence[Span]) -> int:
    gone = joined(span for part in PARTS for span in erased_spans(stream_id, part))
    return _events(stream_id, common(spans, gone))
