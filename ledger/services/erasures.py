"""Erasure of attributes and payloads: the leaf first, then what it names, resumed wherever it was killed.

Guarantees that nothing goes without a committed leaf that the head guard knows, that nothing which a hold covers
goes at all, and that the same request again adds nothing. Steps: E1 leaf and rows, E2 guard, E3 checkpoint over the
leaf (so that bundles asked for from now on can show it), E4 blobs and files of bundles, E5 rows, E6 told as done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from ledger.core.envelope import Envelope
from ledger.core.erasure import Erasure, erasure_of
from ledger.core.schemas import PARTS
from ledger.core.spans import MAX_SPANS, Span, common, joined, without
from ledger.core.times import format_time
from ledger.errors import IntegrityLost, LedgerError, RangeInvalid, RequestError, StreamStopped
from ledger.models import Bundle, LeafObject, Notice
from ledger.selectors.leaves import leaf as leaf_at
from ledger.selectors.notices import erased_spans, events_within, held_spans, open_erasures, overlapping
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services.governed import reference, require
from ledger.services.head import Head, lock_head, refuse_act, refuse_frozen
from ledger.services.notices import Draft, append_notices, reason_of, tell_last
from ledger.services.raw import RawCursor, own_transaction, within
from ledger.services.recovery import ensure_compared
from ledger.services.seal import seal_window
from ledger.storage import bundle_key, store

log = logging.getLogger(__name__)

CHUNK: Final = 5_000
"""Leaves whose rows go in one transaction."""
Reached: TypeAlias = Callable[[str], None]
_DELETE = "DELETE FROM ledger_object WHERE stream_id = %s AND index BETWEEN %s AND %s AND role = ANY(%s)"
_FORGET = """
UPDATE ledger_object SET fingerprint = NULL, fingerprint_key = NULL
WHERE stream_id = %s AND index BETWEEN %s AND %s AND (fingerprint IS NOT NULL OR fingerprint_key IS NOT NULL)
"""
_UNLIST = """
UPDATE ledger_eventindex SET source = NULL, event_id = NULL, subject = NULL, claimed_time = NULL
WHERE stream_id = %s AND index BETWEEN %s AND %s
"""
_UNSAY = """
UPDATE ledger_systemfact SET actor = '', code = '', request = '', summary = '', words = '{}'
WHERE stream_id = %s AND index BETWEEN %s AND %s
"""


class Held(RequestError):
    """A hold covers what was to be erased."""

    code = "held"
    default_next = "Leave the held events out, or have the hold released by whoever placed it."


@dataclass(frozen=True, slots=True)
class Asked:
    """What to erase and why. `parts` are `attrs`, `payload` or both; `by` is opaque; a code of `ERASURE_REASONS`;
    `decision` is the change that it follows.
    """

    spans: Sequence[Span]
    parts: Sequence[str]
    reason_code: str
    reason: str
    by: str
    backup_days: int | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """The erasure leaves that were written, or that said so before (`replayed`), and how many events they name."""

    leaves: tuple[int, ...]
    events: int
    replayed: bool


def _on(_step: str) -> None:
    """Nobody asked to be told."""


def erase(stream: StreamView, asked: Asked, *, reached: Reached = _on) -> Erased:
    """Erase what somebody asked for; as `erase_due`. Raises DecisionNeeded, and what `erase_due` does."""
    return _erased(stream, asked, reached, due=False)


def erase_within(stream: StreamView, asked: Asked) -> Erased:
    """As `erase`, in the caller's transaction and by `asked.decision`: the leaf is written now, the content goes after
    the commit, at once or with the sweep (`finish_open`).
    """
    reason = reason_of(asked.reason)
    ensure_compared(stream)
    with connection.cursor() as outer, within(outer) as cursor:
        events, leaves = _begun(cursor, stream, asked, reason, due=False)
    named = [leaf.index for leaf in leaves] or _before(stream, asked)

    def finished() -> None:
        tell_last(stream, leaves)
        for index in named:
            finish(stream, index)

    transaction.on_commit(finished, robust=True)
    return Erased(tuple(named), events, replayed=not leaves)


def erase_due(stream: StreamView, asked: Asked, *, reached: Reached = _on) -> Erased:
    """Erase, for retention that was declared; returns when the content has gone. `reached` is told each step (E1 to
    E6) when it is done.

    Raises StreamFrozen, Held, RangeInvalid, ReasonRefused, StreamStopped, ClockAhead, and what the head guard refuses
    with: the leaf may be there then, and the rest follows (`finish_open`).
    """
    return _erased(stream, asked, reached, due=True)


def _erased(stream: StreamView, asked: Asked, reached: Reached, *, due: bool) -> Erased:
    reason = reason_of(asked.reason)
    ensure_compared(stream)
    with own_transaction() as cursor:
        events, leaves = _begun(cursor, stream, asked, reason, due=due)
    reached("E1")
    tell_last(stream, leaves)
    reached("E2")
    named = [leaf.index for leaf in leaves] or _before(stream, asked)
    for index in named:
        finish(stream, index, reached=reached)
    return Erased(tuple(named), events, replayed=not leaves)


def finish_open() -> int:
    """Go on with every erasure that was begun; one that fails does not keep the others. Returns how many ended."""
    done = 0
    for stream_id, index in open_erasures():
        stream = stream_by_id(stream_id)
        try:
            ensure_compared(stream)
            finish(stream, index)
            done += 1
        except LedgerError:
            log.exception("erasure %s of %s waits", index, stream.origin)
    return done


def finish(stream: StreamView, index: int, *, reached: Reached = _on) -> None:
    """E3 to E6 of the erasure leaf at `index`; may be repeated. Raises StreamStopped and IntegrityLost."""
    told = erasure_of(leaf_at(stream, index).parsed)
    _cover(stream, index)
    reached("E3")
    spans = [(start, min(stop, index - 1)) for start, stop in told.spans if start < index]
    _forget_bundles(stream, spans, told.parts)
    for first, last in _pieces(spans):
        _forget_blobs(stream, first, last, told.parts)
    reached("E4")
    for first, last in _pieces(spans):
        _forget_rows(stream, first, last, told)
    reached("E5")
    Notice.objects.filter(stream_id=stream.id, index=index, kind="erasure").update(is_open=False)
    reached("E6")


def _begun(
    cursor: RawCursor, stream: StreamView, asked: Asked, reason: str, *, due: bool
) -> tuple[int, list[Envelope]]:  # fmt: skip
    """How many events are named, and the leaves that say so; what is due was decided when it was declared."""
    if not due:
        require(asked.decision, "payload.erase")
    head = lock_head(cursor, stream.id)
    if due:
        refuse_frozen(head)
    else:
        refuse_act(head, asked.decision)
    events, left = _left(head, asked)
    return events, _written(cursor, head, asked, reason, left)


def _left(head: Head, asked: Asked) -> tuple[int, list[Span]]:
    """How many events are named, and what of it is still there; raises RangeInvalid and Held. Under the lock."""
    spans = common(joined(asked.spans), [(0, head.size - 1)])
    events = sum(events_within(head.stream_id, spans).values())
    if not events:
        raise RangeInvalid("There is no event in this range", why=f"of {head.size:,} leaves")
    if not asked.parts or set(asked.parts) - set(PARTS):
        raise RangeInvalid("Name what to erase", why=f"{', '.join(PARTS)}, or both", path="$.parts")
    for case, held in held_spans(head.stream_id).items():
        for first, last in common(spans, held):
            raise Held("A hold covers this content", why=f"leaves {first:,} to {last:,}, case {case[:80]!r}")
    left = (without(spans, erased_spans(head.stream_id, part)) for part in asked.parts)
    still = joined(span for part in left for span in part)
    return events, sorted(events_within(head.stream_id, still))


def _written(cursor: RawCursor, head: Head, asked: Asked, reason: str, left: Sequence[Span]) -> list[Envelope]:
    days = settings.COUNTERSIGN_BACKUP_DAYS if asked.backup_days is None else asked.backup_days
    horizon = format_time(head.recorded + timedelta(days=days))
    drafts = []
    for first in range(0, len(left), MAX_SPANS):
        spans = tuple(left[first : first + MAX_SPANS])
        parts = tuple(part for part in PARTS if part in asked.parts)
        told = Erasure(spans, parts, asked.reason_code, reason, asked.by, horizon, reference(asked.decision))
        drafts.append(Draft("erasure", told.fields(), is_open=True))
    return append_notices(cursor, head, drafts)


def _before(stream: StreamView, asked: Asked) -> list[int]:
    """The erasures that took this away already, or are at it."""
    found = (overlapping(stream.id, first, last, stream.size, ("erasure",)) for first, last in asked.spans)
    return sorted(set[int]().union(*found))


def _cover(stream: StreamView, index: int) -> None:
    """A checkpoint over the leaf, where one can be had now: content does not wait for a signer that is down, and a log
    that is closed has its last one.
    """
    now = stream_by_id(stream.id)
    if now.signed_size > index or now.successor is not None:
        return
    try:
        seal_window(stream.id, reason="request")
    except (IntegrityLost, StreamStopped):
        raise
    except LedgerError as error:
        log.warning("erasure %s of %s goes on without a checkpoint: %s", index, stream.origin, error)


def _pieces(spans: Sequence[Span]) -> Iterator[Span]:
    for first, last in spans:
        for start in range(first, last + 1, CHUNK):
            yield start, min(start + CHUNK - 1, last)


def _forget_bundles(stream: StreamView, spans: Sequence[Span], parts: Sequence[str]) -> None:
    """Files of bundles that disclose what goes; their rows and reports stay.

    Also where the row names none: a worker that was killed may have left one under the bundle's key.
    """
    shown = Q()
    for part in parts:
        shown |= Q(**{f"disclose__{part}": True})
    for first, last in spans:
        rows = Bundle.objects.filter(shown, stream_id=stream.id, first_index__lte=last, last_index__gte=first)
        for row in rows:
            for key in {bundle_key(row.public_id.hex), row.file} - {""}:
                store().delete(key)
            Bundle.objects.filter(pk=row.pk).exclude(file="").update(file="")


def _forget_blobs(stream: StreamView, first: int, last: int, parts: Sequence[str]) -> None:
    """Blobs before their rows: a row that names no blob is erased, a blob that no row names would be forgotten."""
    rows = LeafObject.objects.filter(stream_id=stream.id, index__gte=first, index__lte=last, role__in=list(parts))
    for key in rows.filter(blob__isnull=False).values_list("blob", flat=True):
        store().delete(str(key))


def _forget_rows(stream: StreamView, first: int, last: int, told: Erasure) -> None:
    place = (stream.id, first, last)
    with own_transaction() as cursor:
        cursor.execute(_DELETE, (*place, list(told.parts)))
        cursor.execute(_FORGET, place)
        if "attrs" in told.parts:
            cursor.execute(_UNLIST, place)
            cursor.execute(_UNSAY, place)
