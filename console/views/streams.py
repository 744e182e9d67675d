"""Streams: the list, the page of one, and closing its window by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect

from console import words
from console.api_calls import api_call
from console.bundled import newest_bundles
from console.guard_memo import as_guarded
from console.seals import Row, address, rows_of
from console.stream_page import context_of
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from governance.identity.core.roles import Capability
from ledger.errors import LedgerError
from ledger.selectors import streams
from ledger.services.seal import seal_window

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from ledger.selectors.streams import StreamView


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """Streams of my namespaces by name; `q` is a part of namespace/name."""
    query = visit.request.GET
    after = query.get("after", "").partition("/")
    wanted = query.get("q", "").strip().lower()
    found = streams.streams_in(
        visit.principal.namespaces,
        (after[0], after[2]) if after[1] else None,
        PAGE_SIZE + 1,
        containing=wanted,
    )
    listed = page_of(found, query, _name)
    rows = rows_of(listed.rows, visit.now, newest_bundles(visit.principal.namespaces))
    answer = _answer(rows, wanted, more=bool(listed.following))
    return visit.page(
        "streams/index.html",
        {
            "rows": rows,
            "listed": listed,
            "answer": answer,
            "wanted": wanted,
            "api": api_call("streams", filters={"q": wanted}),
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
            "api": api_call("stream", namespace, name),
            "api_windows": api_call("windows", namespace, name),
        },
    )


@page("POST")
def seal(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Close the open window now."""
    stream = visit.stream(namespace, name, Capability.APPEND)
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


def _name(stream: StreamView) -> str:
    return f"{stream.namespace}/{stream.name}"


def _answer(rows: list[Row], wanted: str, *, more: bool) -> str:
    count = f"{'More than ' if more else ''}{words.counted(len(rows), 'stream')}"
    return f'{count} with "{wanted}" in the name.' if wanted else f"{count} in your namespaces."
