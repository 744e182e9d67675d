"""Streams: the list, the page of one, and closing its window by hand."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from console import words
from console.api_calls import api_call
from console.bundled import newest_bundles
from console.guard_memo import as_guarded
from console.listing.files import Listed, answer, wanted
from console.listing.order import Sorting, sorting
from console.seals import Row, address, rows_of
from console.stream_page import context_of, continued
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from governance.identity.core.roles import Capability
from ledger.errors import LedgerError
from ledger.selectors import streams
from ledger.services import seal_jobs
from ledger.services.seal import seal_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from console.views.visit import Visit
    from ledger.selectors.streams import StreamView


@page("GET")
def index(visit: Visit) -> HttpResponseBase:
    """Streams of my namespaces; `q` is a part of namespace/name, `state` one of stopped and waiting."""
    query = visit.request.GET
    wanted_part, state = query.get("q", "").replace("\0", "").strip().lower(), query.get("state", "")
    state = state if state in streams.STATES else ""
    sort = sorting(query, streams.ORDERS, "name")

    def read(after: Sequence[Any] | None, limit: int) -> list[StreamView]:
        visible = visit.principal.namespaces
        return streams.stream_rows(visible, sort.order, after, limit, containing=wanted_part, state=state)

    if file := wanted(visit):
        filters = {"q": wanted_part, "state": state, "sort": sort.name}
        chunks = lambda last, limit: read(last and _place(sort, last), limit)  # noqa: E731  (read with a row)
        return answer(visit, Listed("streams", "", _COLUMNS, chunks, filters), file)
    listed = page_of(read(sort.after, PAGE_SIZE + 1), query, lambda row: sort.order.place(_place(sort, row)))
    rows = rows_of(listed.rows, visit.now, newest_bundles(visit.principal.namespaces))
    return visit.page(
        "streams/index.html",
        {
            "rows": rows,
            "sort": sort,
            "listed": listed,
            "answer": _answer(rows, wanted_part, state, more=bool(listed.following)),
            "wanted": wanted_part or state,
            "part": wanted_part,
            "state": state,
            "api": api_call("streams", filters={"q": wanted_part}),
            "api_note": "" if sort.name == "name" and not state else "by name, in every state",
        },
    )


@page("GET")
def detail(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """One stream: the answer, the chain, the paths, the head, what came last."""
    stream = as_guarded(visit.stream(namespace, name))
    context = context_of(stream, visit.now)
    return visit.page(
        "streams/detail.html",
        {
            **context,
            "may_seal": visit.principal.may(Capability.APPEND, namespace) and not stream.stopped,
            "may_export": visit.principal.may(Capability.EXPORT, namespace) and stream.signed_size > 0,
            "may_read": visit.principal.may(Capability.READ, namespace),
            "paused": visit.paused(stream, 0, stream.size),
            "continued": continued(stream.successor) if stream.successor else None,
            "api": api_call("stream", namespace, name),
            "api_windows": api_call("windows", namespace, name),
        },
    )


@page("POST")
def seal(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Close the open window now."""
    stream = visit.stream(namespace, name, Capability.APPEND)
    if stream.size - stream.window_from > seal_jobs.AT_ONCE:
        made = seal_jobs.request_seal(stream, actor=visit.principal.actor)
        return HttpResponseRedirect(reverse("job", args=(made.public_id,)))
    try:
        window = seal_window(stream.id, reason="request")
    except LedgerError as refused:
        messages.add_message(visit.request, messages.ERROR, f"{refused}. {refused.next_step}", extra_tags="fail")
    else:
        _tell(visit, window.number if window else None, window.count if window else 0)
    return HttpResponseRedirect(address(stream))


def _tell(visit: Visit, number: int | None, count: int) -> None:
    if number is None:
        told, tone = "No leaf was waiting: the open window is empty, and nothing was sealed.", "not_evaluated"
    else:
        told = (
            f"Window {words.grouped(number)} is closed over {words.counted(count, 'leaf', 'leaves')},"
            " and its root is signed."
        )
        tone = "pass"
    messages.add_message(visit.request, messages.INFO, told, extra_tags=tone)


def _place(sort: Sorting, row: StreamView) -> tuple[Any, ...]:
    names = {"head__size": row.size, "head__last_recorded": row.recorded, "head__signed_size": row.signed_size}
    return tuple(names.get(column, getattr(row, column, None)) for column, _ in sort.order.columns)


_COLUMNS = {
    name: attrgetter(name)
    for name in (
        "namespace",
        "name",
        "origin",
        "created",
        "size",
        "recorded",
        "signed_size",
        "window_number",
        "stopped",
    )
}
_STATES = {"stopped": "stopped", "waiting": "with leaves that wait for a window"}


def _answer(rows: list[Row], part: str, state: str, *, more: bool) -> str:
    count = f"{'More than ' if more else ''}{words.counted(len(rows), 'stream')}"
    told = f'{count} with "{part}" in the name' if part else f"{count} in your namespaces"
    return f"{told}, {_STATES[state]}." if state else f"{told}."
