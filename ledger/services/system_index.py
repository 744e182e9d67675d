"""Fills the search columns of the platform's own events, in order, from their opened payloads.

Guarantees that no index is skipped: columns reach up to a leaf only with all leaves before it, so that a page knows
from one number what it has to read by itself. May be emptied at any time; it is filled again.
"""

from __future__ import annotations

from django.db import connection, transaction

from ledger.errors import StreamUnknown
from ledger.models import SystemFact
from ledger.selectors import leaves
from ledger.selectors.streams import StreamView, stream
from ledger.selectors.system_facts import fact_of, indexed_to

STREAMS = (("_system", "events"), ("_governance", "changes"))
BATCH = 1_000
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('ledger_systemfact' || %s, 0))"


def index_system(batch: int = BATCH) -> int:
    """Take up to `batch` leaves of each of the two streams into the columns; returns how many events."""
    return sum(_taken(of, batch) for of in map(_there, STREAMS) if of is not None)


def _there(name: tuple[str, str]) -> StreamView | None:
    try:
        return stream(*name)
    except StreamUnknown:
        return None


def _taken(of: StreamView, batch: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ALONE, (str(of.id),))
        if not cursor.fetchone()[0]:
            return 0
        start = indexed_to(of)
        end = min(of.size, start + batch)
        rows = [_row(of, view) for view in leaves.events(of, start, end)] if start < end else []
        SystemFact.objects.bulk_create(rows)
        return len(rows)


def _row(of: StreamView, view: leaves.EventView) -> SystemFact:
    row, found = fact_of(view)
    return SystemFact(
        stream_id=of.id, index=row.index, type=row.type, recorded=row.recorded, actor=row.actor, code=row.code,
        request=row.request, summary=row.summary, words=list(found.words),
    )  # fmt: skip
