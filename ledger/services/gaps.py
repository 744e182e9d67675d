"""The search for gaps at the source: events since the last look, and our own refusals, become `gap` leaves once.

Guarantees that a gap is told once however often the search is killed or runs at once: what it remembers changes in
the transaction that writes the leaves, under the stream's lock, and a search that comes late finds that it does.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from ledger.core.fields import MAX_INDEX
from ledger.core.gap import Gap, gap_of, is_sequence
from ledger.core.gap_search import Last, Seen, open_silence, silences, skips
from ledger.core.strict_json import parse
from ledger.core.terms import Terms
from ledger.core.times import format_time
from ledger.errors import LedgerError
from ledger.models import EventIndex, Notice, RefusedAppend, SourceSequence, SourceWatch
from ledger.selectors.leaves import ObjectView, leaves_at, objects_at
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services.head import Head, lock_head
from ledger.services.lookup import lookup_key
from ledger.services.notices import Draft, append_notices, tell_last
from ledger.services.raw import RawCursor, own_transaction
from ledger.services.recovery import ensure_compared

log = logging.getLogger(__name__)

CHUNK: Final = 500
"""Events of one transaction."""
MINUTE: Final = timedelta(minutes=1)
_NONE: Final = -1


def scan_all() -> int:
    """Look at every stream that declares something or refused something; returns how many leaves were written."""
    watched = set(SourceWatch.objects.values_list("stream_id", flat=True))
    refused = set(RefusedAppend.objects.values_list("stream_id", flat=True).distinct())
    written = 0
    for stream_id in sorted(watched | refused):
        stream = stream_by_id(stream_id)
        if stream.restriction:  # The silence is ours: the look rests, and what was refused is told when it is lifted.
            continue
        try:
            written += scan(stream)
        except LedgerError as error:
            log.warning("gaps of %s are looked for later: %s", stream.origin, error)
    return written


def scan(stream: StreamView) -> int:
    """Look at one stream up to its end; returns how many leaves were written. None are once it is closed.

    Raises StreamStopped, ClockAhead, and what the head guard refuses with.
    """
    if stream.successor is not None:
        return 0
    ensure_compared(stream)
    written = _refusals(stream)
    declared = terms(stream)
    while declared.notices_gaps:
        watch = SourceWatch.objects.filter(stream_id=stream.id).first()
        if watch is None:
            break
        events = _events(stream, watch.scanned, with_attrs=declared.sequence)
        written += _told(stream, declared, watch, events)
        if len(events) < CHUNK:
            break
    return written


def _events(stream: StreamView, start: int, *, with_attrs: bool) -> list[Seen]:
    rows = EventIndex.objects.filter(stream_id=stream.id, index__gte=start).order_by("index")
    found = list(rows.values_list("index", "recorded")[:CHUNK])
    held = objects_at(stream, [index for index, _ in found]) if with_attrs else {}
    key = lookup_key(stream.origin, stream.lookup_key)
    if not with_attrs:
        return [Seen(index, when) for index, when in found]
    return [_seen(index, when, held.get(index, (None, None))[0], key) for index, when in found]


def _seen(index: int, recorded: datetime, attrs: ObjectView | None, key: bytes) -> Seen:
    try:
        value = None if attrs is None else parse(attrs.data)
    except LedgerError:
        value = None
    if not isinstance(value, dict):
        return Seen(index, recorded, blind=True)
    number, source = str(value.get("sequence", "")), str(value.get("source", ""))
    if not is_sequence(number) or int(number) > MAX_INDEX:
        return Seen(index, recorded)
    return Seen(index, recorded, hmac.new(key, b"sequence\0" + source.encode(), hashlib.sha256).digest(), int(number))


def _told(stream: StreamView, declared: Terms, watch: SourceWatch, events: Sequence[Seen]) -> int:
    """Write what these events show; 0 where another search was faster."""
    with own_transaction() as cursor:
        head = lock_head(cursor, stream.id)
        now = SourceWatch.objects.filter(stream_id=stream.id).first()
        if head.successor is not None:  # Closed since it was read: no leaf stands behind its last checkpoint.
            return 0
        if now is None or (now.scanned, now.looked) != (watch.scanned, watch.looked):
            return 0
        gaps, last = silences(_last(watch), events, declared.expected_every_s)
        gaps += _skips(stream.id, events) if declared.sequence else []
        scanned = events[-1].index + 1 if events else watch.scanned
        if not EventIndex.objects.filter(stream_id=stream.id, index__gte=scanned).exists():
            more, last = open_silence(last, head.clock, declared.expected_every_s)
            gaps += more
        leaves = append_notices(cursor, head, [Draft("gap", gap.fields()) for gap in _untold(stream, gaps)])
        _remember(stream.id, scanned, last, head.clock)
    tell_last(stream, leaves)
    return len(leaves)


def _untold(stream: StreamView, gaps: Sequence[Gap]) -> list[Gap]:
    """Those that no leaf tells: after a refill the search comes by once more where it had been in the lost database."""
    if not gaps:
        return []
    least = min(-1 if gap.after is None else gap.after for gap in gaps)
    rows = Notice.objects.filter(stream_id=stream.id, kind="gap", index__gt=least).values_list("index", flat=True)
    views = leaves_at(stream, list(rows)) if rows else {}
    told = {_of_what(gap_of(view.parsed)) for view in views.values()}
    return [gap for gap in gaps if _of_what(gap) not in told]


def _of_what(gap: Gap) -> tuple[str, str, int | None]:
    """What makes two gaps the same: told while it lasted, and told when it ended."""
    return gap.cause, gap.start, gap.after


def _last(watch: SourceWatch) -> Last:
    index = _NONE if watch.last_index is None else watch.last_index
    return Last(watch.last_index, watch.last_recorded, told=watch.told_after == index)


def _skips(stream_id: int, events: Sequence[Seen]) -> list[Gap]:
    rows = SourceSequence.objects.filter(stream_id=stream_id)
    blind = any(event.blind for event in events)
    sources = {event.source for event in events if event.source is not None}
    before = {bytes(row.source): (int(row.number), row.index) for row in rows.filter(source__in=sources)}
    found, after = skips(before, events)
    if blind:
        rows.delete()
    changed = [
        SourceSequence(stream_id=stream_id, source=source, number=str(number), index=index)
        for source, (number, index) in after.items()
        if blind or before.get(source) != (number, index)
    ]
    rows.filter(source__in=[row.source for row in changed]).delete()
    SourceSequence.objects.bulk_create(changed)
    return found


def _remember(stream_id: int, scanned: int, last: Last, now: datetime) -> None:
    index = _NONE if last.index is None else last.index
    SourceWatch.objects.filter(stream_id=stream_id).update(
        scanned=scanned, last_index=last.index, last_recorded=last.recorded,
        told_after=index if last.told else None, looked=now,
    )  # fmt: skip


def _refusals(stream: StreamView) -> int:
    """Minutes that are over, those that follow each other in one leaf."""
    if not RefusedAppend.objects.filter(stream_id=stream.id).exists():
        return 0
    with own_transaction() as cursor:
        head = lock_head(cursor, stream.id)
        if head.successor is not None:  # Likewise.
            return 0
        gaps = list(_of_minutes(stream.id, _taken(cursor, head)))
        leaves = append_notices(cursor, head, [Draft("gap", gap.fields()) for gap in _untold(stream, gaps)])
    tell_last(stream, leaves)
    return len(leaves)


def _taken(cursor: RawCursor, head: Head) -> list[tuple[datetime, int]]:
    """The minutes of refusals that ended, removed; the last one waits until the next has passed quietly."""
    until = head.clock.replace(second=0, microsecond=0)
    statement = "DELETE FROM ledger_refusedappend WHERE stream_id = %s AND minute < %s RETURNING minute, count"
    rows = sorted(cursor.execute(statement, (head.stream_id, until - MINUTE)).fetchall())
    return [(minute, sum(row[1] for row in part)) for minute, part in groupby(rows, key=lambda row: row[0])]


def _of_minutes(stream_id: int, minutes: Sequence[tuple[datetime, int]]) -> Iterator[Gap]:
    start, end, count = None, None, 0
    for minute, refused in minutes:
        if start is None or end != minute:
            if start is not None and end is not None:
                yield _refused(stream_id, start, end, count)
            start, count = minute, 0
        end, count = minute + MINUTE, count + refused
    if start is not None and end is not None:
        yield _refused(stream_id, start, end, count)


def _refused(stream_id: int, start: datetime, end: datetime, count: int) -> Gap:
    """With the newest event of before and the first of after, where there are such."""
    rows = EventIndex.objects.filter(stream_id=stream_id)
    after = rows.filter(recorded__lt=start).order_by("-recorded", "-index").values_list("index", flat=True).first()
    before = rows.filter(recorded__gte=end).order_by("recorded", "index").values_list("index", flat=True).first()
    return Gap("refused", format_time(start), format_time(end), count, after, before)
