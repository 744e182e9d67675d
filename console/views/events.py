"""Events: the list, the page of one leaf with its proof, and the proof as a file."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from console import words
from console.api_calls import api_call
from console.event_page import context_of
from console.forms.event_filters import EventFilters
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from governance.identity.core.roles import Capability
from ledger.errors import RequestError
from ledger.selectors import leaves, proofs

if TYPE_CHECKING:
    from console.views.visit import Visit

_OF_READERS = ("source", "subject")


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Events, the newest first; filters and place stand in the address."""
    stream = visit.stream(namespace, name)
    may_read = visit.principal.may(Capability.READ, namespace)
    query = visit.request.GET
    form = EventFilters({key: value for key, value in query.items() if may_read or key not in _OF_READERS})
    after = query.get("after", "")
    found = leaves.events_in(
        stream, int(after) if after.isdecimal() else None, PAGE_SIZE + 1, form.chosen(), newest_first=True
    )
    listed = page_of(found, query, lambda row: str(row.index))
    narrowed = any(query.get(name) for name in form.fields)
    return visit.page(
        "events/index.html",
        {
            "stream": stream,
            "form": form,
            "may_read": may_read,
            "listed": listed,
            "events": listed.rows,
            "narrowed": narrowed,
            "api": api_call("events", namespace, name, filters=asdict(form.chosen())) if may_read else "",
            "answer": _answer(len(listed.rows), after, narrowed=narrowed, more=bool(listed.following)),
        },
    )


@page("GET")
def detail(visit: Visit, namespace: str, name: str, index: int) -> HttpResponse:
    """One leaf: what it says, its receipt, and its proof, recomputed now."""
    stream = visit.stream(namespace, name)
    try:
        leaf = leaves.leaf(stream, index)
    except RequestError as missing:
        raise Http404 from missing
    may_read = visit.principal.may(Capability.READ, namespace)
    found = context_of(stream, leaf, visit.now, may_read=may_read, request_id=visit.request_id)
    return visit.page("events/detail.html", found)


@page("GET")
def proof(visit: Visit, namespace: str, name: str, index: int) -> HttpResponse:
    """The inclusion proof as a C2SP `.tlog-proof` file."""
    stream = visit.stream(namespace, name)
    try:
        found = proofs.inclusion(stream, index)
    except RequestError as missing:
        raise Http404 from missing
    response = HttpResponse(found.tlog_proof().to_bytes(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{namespace}-{name}-{index}.tlog-proof"'
    response["Cache-Control"] = "no-store"
    return response


def _answer(count: int, after: str, *, narrowed: bool, more: bool) -> str:
    told = words.counted(count, "event")
    told = f"The newest {told}" if more and not after else told
    told += f" before leaf {words.grouped(int(after))}" if after.isdecimal() else ""
    told += " under these filters" if narrowed else ""
    return f"{told}; older ones follow." if more else f"{told}."
