"""The platform's own events, searched by who, type, code, request, time and words.

Guarantees that nothing is left out in silence: what the search columns do not hold yet is read from the leaves
themselves, and where that is too much, the gap is told. The columns are derived; each row leads to its leaf.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Max, QuerySet

from ledger.core.strict_json import parse
from ledger.core.system_words import SystemWords, system_words
from ledger.core.times import parse_time
from ledger.errors import LedgerError
from ledger.models import SystemFact
from ledger.selectors import leaves
from ledger.selectors.leaves import EventView
from ledger.selectors.streams import StreamView

READ_DIRECTLY = 500
"""Leaves behind the search columns that a page reads by itself."""
_TOLD = ("ledger:append_only:refused", "ledger:spool:broken")
_HOLDING = """
SELECT (SELECT recorded FROM ledger_leaf WHERE stream_id = %s AND index = 0),
       (SELECT max(index) FROM ledger_systemfact WHERE stream_id = %s),
       (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals),
       (SELECT count(*) FROM ledger_eventindex WHERE stream_id = %s AND type = %s),
       (SELECT count(*) FROM ledger_eventindex WHERE stream_id = %s AND type = %s),
       (SELECT coalesce(sum(count), 0) FROM ledger_denialtally)
"""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One event on one line."""

    index: int
    type: str
    recorded: datetime
    actor: str
    code: str
    request: str
    summary: str


@dataclass(frozen=True, slots=True)
class FactQuery:
    """What is asked for: exact values, a type (with `*` behind a beginning), times, and words that all occur."""

    actor: str = ""
    type: str = ""
    code: str = ""
    request: str = ""
    after: datetime | None = None
    before: datetime | None = None
    words: tuple[str, ...] = ()

    def fits(self, row: FactRow, words: tuple[str, ...]) -> bool:
        """The same question to one event that the columns do not hold yet."""
        exact = all(
            not wanted or wanted == held
            for wanted, held in ((self.actor, row.actor), (self.code, row.code), (self.request, row.request))
        )
        begins = self.type.removesuffix("*")
        kind = not self.type or (row.type.startswith(begins) if self.type.endswith("*") else row.type == self.type)
        late = self.after is None or row.recorded >= self.after
        early = self.before is None or row.recorded < self.before
        return exact and kind and late and early and set(self.words) <= set(words)


@dataclass(frozen=True, slots=True)
class Holding:
    """What the log holds and what it knows that it lacks; counts, and `began` the time of its first leaf."""

    size: int
    began: datetime | None
    recorded: datetime
    signed: int
    indexed: int
    unread: int
    refusals: int
    told_refusals: int
    broken_spools: int
    strangers: int


def indexed_to(stream: StreamView) -> int:
    """Leaves below this are in the search columns."""
    highest = SystemFact.objects.filter(stream_id=stream.id).aggregate(highest=Max("index"))["highest"]
    return 0 if highest is None else int(highest) + 1


def fact_of(view: EventView) -> tuple[FactRow, SystemWords]:
    """The columns of one event, from its opened payload; one that does not open tells its type alone."""
    try:
        payload = parse(view.payload or b"{}")
    except LedgerError:
        payload = {}
    found = system_words(view.type, payload if isinstance(payload, dict) else {})
    row = FactRow(
        view.index, view.type, parse_time(view.leaf.recorded), found.actor, found.code, found.request, found.summary
    )
    return row, found


def facts(stream: StreamView, query: FactQuery, below: int | None, limit: int) -> list[FactRow]:
    """Up to `limit` events, the newest first, with indices under `below`."""
    seen = indexed_to(stream)
    top = stream.size if below is None else min(below, stream.size)
    newest = list(_direct(stream, query, max(seen, top - READ_DIRECTLY), top))
    rows = _rows(stream, query).filter(index__lt=min(seen, top)).order_by("-index")
    columns = ("index", "type", "recorded", "actor", "code", "request", "summary")
    return [*reversed(newest), *(FactRow(*row) for row in rows.values_list(*columns)[:limit])][:limit]


def _direct(stream: StreamView, query: FactQuery, start: int, end: int) -> Iterator[FactRow]:
    for view in leaves.events(stream, start, end) if start < end else ():
        row, found = fact_of(view)
        if query.fits(row, found.words):
            yield row


def _rows(stream: StreamView, query: FactQuery) -> QuerySet[SystemFact]:
    exact = {"actor": query.actor, "code": query.code, "request": query.request}
    rows = SystemFact.objects.filter(stream_id=stream.id, **{name: value for name, value in exact.items() if value})
    if query.type:
        begins = query.type.endswith("*")
        rows = rows.filter(**{"type__startswith" if begins else "type": query.type.removesuffix("*")})
    if query.words:
        rows = rows.filter(words__contains=list(query.words))
    if query.after is not None:
        rows = rows.filter(recorded__gte=query.after)
    return rows if query.before is None else rows.filter(recorded__lt=query.before)


def holding(stream: StreamView) -> Holding:
    """What the log holds, how far the columns reach, and what was refused, broken or is still on its way."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, (stream.id, stream.id, *(part for kind in _TOLD for part in (stream.id, kind))))
        began, highest, refusals, told, broken, strangers = cursor.fetchone()
    seen = 0 if highest is None else int(highest) + 1
    unread = max(0, stream.size - seen - READ_DIRECTLY)
    return Holding(
        stream.size, began, stream.recorded, stream.signed_size, seen, unread, refusals, told, broken, int(strangers)
    )


TROUBLES = (
    "ledger:append_only:refused", "ledger:object:altered", "ledger:head_guard:behind", "ledger:head_guard:made",
    "ledger:seal:failed", "ledger:export:failed", "ledger:job:failed", "ledger:spool:broken", "ledger:stream:stopped",
    "ledger:stream:refilled",
)  # fmt: skip
"""Types of events that somebody should look at."""


def troubles_since(moment: datetime) -> list[tuple[str, int]]:
    """How many events of each of TROUBLES the platform recorded since `moment`, as far as the columns reach."""
    rows = SystemFact.objects.filter(stream__namespace="_system", type__in=TROUBLES, recorded__gte=moment)
    return list(rows.values_list("type").annotate(count=Count("index")).order_by("type"))
