"""Terms: what a stream declares of itself (retention, rhythm, sequence), by a control leaf that states all of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from django.db import connection, transaction

from ledger.core.envelope import Envelope
from ledger.core.schemas import MAX_DAYS, MAX_MERGE_DELAY_S
from ledger.core.terms import Terms
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.errors import RequestError
from ledger.models import SourceWatch
from ledger.selectors.notices import terms as terms_now
from ledger.selectors.streams import StreamView
from ledger.services.governed import reference, require
from ledger.services.head import lock_head, refuse_act
from ledger.services.notices import Draft, append_notices, reason_of, tell_last
from ledger.services.raw import within
from ledger.services.recovery import ensure_compared


class TermsRefused(RequestError):
    """A number outside of its bounds, or nothing to set."""

    code = "terms_refused"


class _Keep:
    """Stands for: as it is."""


KEEP: Final = _Keep()


@dataclass(frozen=True, slots=True)
class Change:
    """What to set; KEEP leaves it as it is, None means kept for ever, or no rhythm."""

    attrs_days: int | _Keep | None = KEEP
    payload_days: int | _Keep | None = KEEP
    expected_every_s: int | _Keep | None = KEEP
    sequence: bool | _Keep = KEEP

    def on(self, terms: Terms) -> Terms:
        """The terms after this change."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(terms, **{name: value for name, value in given.items() if value is not KEEP})


@dataclass(frozen=True, slots=True)
class Told:
    """What stands in the leaf beside the terms: why, by whom, and the change that it follows, if any."""

    reason: str
    by: str
    decision: str | None = None


def declare(stream: StreamView, change: Change, *, reason: str, by: str, decision: str | None = None) -> Terms:
    """Set what the change names, under the lock; returns what holds now. Declaring what holds writes no leaf.

    Raises DecisionNeeded, TermsRefused, ReasonRefused, StreamStopped, StreamFrozen, TenantSuspended, ClockAhead, and
    what the head guard refuses with.
    """
    with transaction.atomic(durable=True):
        require(decision, "stream.retention")
        return declare_within(stream, change, Told(reason, by, decision))


def carry_over(stream: StreamView, change: Change, told: Told) -> Terms:
    """Declare what was decided before already, as for the log that continues another. Raises as `declare`."""
    with transaction.atomic(durable=True):
        return declare_within(stream, change, told)


def declare_within(stream: StreamView, change: Change, told: Told) -> Terms:
    """As `carry_over`, in the caller's transaction, which was allowed to; the guard is told after the commit."""
    reason = reason_of(told.reason)
    if change == Change():
        raise TermsRefused("Nothing is set", next_step="Name what to set.")
    ensure_compared(stream)
    with connection.cursor() as outer, within(outer) as cursor:
        head = lock_head(cursor, stream.id)
        refuse_act(head, told.decision)
        before = terms_now(stream)
        after = change.on(before)
        _check(after)
        if after == before:
            return before
        beside: JSONObject = {"reason": reason, "by": told.by, "decision": reference(told.decision)}
        leaves = append_notices(cursor, head, [Draft("terms", {**after.fields(), **beside})])
        watch(head.stream_id, before, after, leaves[0])
    transaction.on_commit(lambda: tell_last(stream, leaves), robust=told.decision is not None)
    return replace(after, index=leaves[0].index)


def _check(terms: Terms) -> None:
    bounds = {"attrs_days": MAX_DAYS, "payload_days": MAX_DAYS, "expected_every_s": MAX_MERGE_DELAY_S}
    for name, most in bounds.items():
        value = getattr(terms, name)
        if value is not None and not 1 <= value <= most:
            raise TermsRefused(f"{name} is refused", why=f"{value}; 1 to {most:,} are taken", path=f"$.{name}")


def watch(stream_id: int, before: Terms, after: Terms, leaf: Envelope) -> None:
    """Have the search for gaps begin behind the `terms` leaf that declares it, or end with it, in the caller's
    transaction: what came before the declaration was promised to nobody.
    """
    rows = SourceWatch.objects.filter(stream_id=stream_id)
    if not after.notices_gaps:
        rows.delete()
    elif not before.notices_gaps:
        recorded = parse_time(leaf.recorded)
        start = {"scanned": int(leaf.index) + 1, "last_recorded": recorded, "looked": recorded}
        SourceWatch.objects.update_or_create(
            stream_id=stream_id, defaults={**start, "last_index": None, "told_after": None}
        )
