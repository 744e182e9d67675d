"""Events: the list, the page of one leaf with its proof, and the proof as a file."""

from __future__ import annotations

from dataclasses import asdict
from operator import attrgetter
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from console import words
from console.api_calls import api_call
from console.event_page import context_of
from console.forms.event_filters import EventFilters
from console.listing.files import Listed, answer, wanted
from console.listing.order import Sorting, sorting
from console.listing.ranges import Ranges, ranges
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from console.views.visit import Refused
from governance.identity.core.roles import Capability
from ledger.errors import RequestError
from ledger.selectors import proofs, receipts
from ledger.selectors.event_rows import ORDERS, event_rows

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from console.views.visit import Visit
    from ledger.selectors.leaves import EventFilter, EventRow
    from ledger.selectors.streams import StreamView

_OF_READERS = ("source", "subject")
NEWEST_FIRST = "-index"


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponseBase:
    """Events, the newest first; order, filters and place stand in the address."""
    stream = visit.stream(namespace, name)
    may_read = visit.principal.may(Capability.READ, namespace)
    form, span = _asked(visit, may_read=may_read)
    filters, sort = form.chosen(span.start), sorting(visit.request.GET, ORDERS, NEWEST_FIRST)
    if file := wanted(visit):
        _check(form)
        return answer(visit, _listed(stream, filters, sort, may_read=may_read), file)
    found = event_rows(stream, filters, sort.order, sort.after, PAGE_SIZE + 1)
    listed = page_of(found, visit.request.GET, lambda row: sort.order.place(_place(sort, row)))
    filtered = any(visit.request.GET.get(name) for name in form.fields)
    narrowed = bool(span.start) or filtered
    return visit.page(
        "events/index.html",
        {
            "stream": stream,
            "form": form,
            "may_read": may_read,
            "sort": sort,
            "ranges": span,
            "listed": listed,
            "events": listed.rows,
            "narrowed": narrowed,
            "filtered": filtered,
            "api": _api(stream, filters, sort) if may_read else "",
            "api_note": "" if sort.name.endswith("index") else "by index",
            "answer": _answer(sort, len(listed.rows), narrowed=narrowed, more=bool(listed.following)),
        },
    )


def _asked(visit: Visit, *, may_read: bool) -> tuple[EventFilters, Ranges]:
    query = visit.request.GET
    form = EventFilters({key: value for key, value in query.items() if may_read or key not in _OF_READERS})
    return form, ranges(query, visit.now)


def _check(form: EventFilters) -> None:
    """A file of a list whose filter cannot be read would be a file of another list."""
    if not form.is_valid():
        raise Refused(
            "The filter cannot be read.",
            f"{', '.join(form.errors)}: {' '.join(str(one[0]) for one in form.errors.values())}",
            "Correct the filter on the page of the list, then take the file.",
        )


def _listed(stream: StreamView, filters: EventFilter, sort: Sorting, *, may_read: bool) -> Listed[EventRow]:
    """The list as a file: the columns of the page, and for readers id and claimed time too."""
    columns = ("index", "type", "recorded", *(("source", "event_id", "subject", "claimed_time") if may_read else ()))

    def read(last: EventRow | None, limit: int) -> list[EventRow]:
        return event_rows(stream, filters, sort.order, None if last is None else _place(sort, last), limit)

    return Listed(
        "events",
        f"{stream.namespace}/{stream.name}",
        {name: attrgetter(name) for name in columns},
        read,
        {**asdict(filters), "sort": sort.name},
    )


def _place(sort: Sorting, row: EventRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name, _ in sort.order.columns)


def _api(stream: StreamView, filters: EventFilter, sort: Sorting) -> str:
    order = {"order": "newest"} if sort.name == NEWEST_FIRST else {}
    return api_call("events", stream.namespace, stream.name, filters={**asdict(filters), **order})


@page("GET")
def detail(visit: Visit, namespace: str, name: str, index: int) -> HttpResponse:
    """One leaf: what it says, its receipt, and its proof, recomputed now."""
    stream = visit.stream(namespace, name)
    try:
        leaf, stored = receipts.leaf_with_receipt(stream, index)
    except RequestError as missing:
        raise Http404 from missing
    may_read = visit.principal.may(Capability.READ, namespace)
    found = context_of(stream, leaf, stored, visit.now, may_read=may_read, request_id=visit.request_id)
    may_export = visit.principal.may(Capability.EXPORT, namespace)
    around = {"paused": visit.paused(stream, index, index), "may_export": may_export}
    return visit.page("events/detail.html", {**found, **around})


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


def _answer(sort: Sorting, count: int, *, narrowed: bool, more: bool) -> str:
    told = words.counted(count, "event")
    newest = sort.name == NEWEST_FIRST
    told = f"The newest {told}" if more and newest and sort.after is None else told
    told += f" {'before' if newest else 'after'} leaf {words.grouped(sort.after[-1])}" if sort.after else ""
    told += " under these filters" if narrowed else ""
    return f"{told}; {'older ones' if newest else 'more'} follow." if more else f"{told}."
