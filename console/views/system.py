"""The system ledger: what happened to the platform and who changed it, searched with qualifiers."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn

from console import words
from console.listing.files import Listed, answer, wanted
from console.system_access import LOGS, TITLES, reads_log
from console.system_page import completeness
from console.system_query import LONGEST, QUALIFIERS, read
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from console.views.visit import Forbidden
from ledger.selectors.system_facts import FactRow, facts, holding

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from console.views.visit import Visit
    from ledger.selectors.streams import StreamView

_COLUMNS = {name: attrgetter(name) for name in ("index", "recorded", "type", "actor", "code", "request", "summary")}
LARGEST_DIGITS = 16


@page("GET")
def index(visit: Visit) -> HttpResponseBase:
    """`q` is the question, `of` which log: `events` (the usual) or `changes`."""
    query = visit.request.GET
    of = query.get("of", "") if query.get("of", "") in LOGS else "events"
    stream = _log(visit, of)
    text = query.get("q", "")[:LONGEST]
    asked = read(text, visit.now)

    def chunks(last: FactRow | None, limit: int) -> list[FactRow]:
        return facts(stream, asked.query, last.index if last else None, limit)

    if file := wanted(visit):
        return answer(visit, Listed("system-ledger", "/".join(LOGS[of]), _COLUMNS, chunks, {"q": text}), file)
    found = facts(stream, asked.query, _below(query.get("after", "")), PAGE_SIZE + 1)
    listed = page_of(found, query, lambda row: str(row.index))
    held = holding(stream)
    return visit.page(
        "system/index.html",
        {
            "log": stream,
            "of": of,
            "titles": TITLES,
            "text": text,
            "problems": asked.problems,
            "rows": listed.rows,
            "listed": listed,
            "qualifiers": QUALIFIERS,
            "completeness": completeness(stream, held),
            "answer": _answer(len(listed.rows), text, more=bool(listed.following)),
        },
    )


def _log(visit: Visit, of: str) -> StreamView:
    namespace, name = LOGS[of]
    stream = visit.stream(namespace, name)
    if not reads_log(visit.principal, of):
        _refuse()
    return stream


def _refuse() -> NoReturn:
    raise Forbidden(
        "Your roles do not let you read the system ledger.",
        "It takes the role platform operator, or a reading role on the platform: author, approver, executor,"
        " compliance officer or internal auditor.",
        "The platform operator enters roles on the platform.",
    )


def _below(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LARGEST_DIGITS else None


def _answer(count: int, text: str, *, more: bool) -> str:
    told = f"{'The newest ' if more else ''}{words.counted(count, 'event')}"
    told = f"{told} for “{text}”" if text.strip() else told
    return f"{told}; older ones follow." if more else f"{told}."
