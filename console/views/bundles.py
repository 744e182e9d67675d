"""Bundles: the list, the page of one from request to verdict, and the file."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase

from console import words
from console.api_calls import api_call
from console.bundle_page import bundle_file_name, context_of, outcome_line
from console.listing.files import Listed, answer, wanted
from console.listing.order import Sorting, sorting
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from console.views.visit import Hidden
from governance.identity.core.roles import Capability
from ledger.errors import RequestError
from ledger.selectors import bundles, jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from console.views.visit import Visit
    from ledger.selectors.bundles import BundleView


@page("GET")
def index(visit: Visit) -> HttpResponseBase:
    """Bundles of my namespaces, the newest first."""
    query, readable = visit.request.GET, visit.principal.namespaces
    sort = sorting(query, bundles.ORDERS, "-created")
    filters = _filters(query)

    def read(after: Sequence[Any] | None, limit: int) -> list[BundleView]:
        return bundles.bundle_rows(readable, sort.order, after, limit, filters)

    if file := wanted(visit):
        chunks = lambda last, limit: read(last and _place(sort, last), limit)  # noqa: E731  (read with a row)
        return answer(visit, Listed("bundles", "", _COLUMNS, chunks, {**filters, "sort": sort.name}), file)
    listed = page_of(read(sort.after, PAGE_SIZE + 1), query, lambda row: sort.order.place(_place(sort, row)))
    rows = [(row, outcome_line(row)) for row in listed.rows]
    return visit.page(
        "bundles/index.html",
        {
            "rows": rows,
            "sort": sort,
            "listed": listed,
            "filters": filters,
            "outcomes": _OUTCOMES,
            "narrowed": any(filters.values()),
            "answer": _answer(len(rows), narrowed=any(filters.values()), more=bool(listed.following)),
            "api": api_call("bundles") if visit.principal.holding(Capability.EXPORT) else "",
            "api_note": "the newest first, with every verdict" if any(filters.values()) else "",
        },
    )


@page("GET")
def detail(visit: Visit, public_id: UUID) -> HttpResponse:
    """One bundle."""
    found = bundle_of(visit, public_id)
    job = jobs.job(found.job_id)
    may_export = visit.principal.may(Capability.EXPORT, found.namespace)
    context = context_of(found, job, visit.now)
    paused = visit.paused(context["stream"], found.first, found.last)
    return visit.page("bundles/detail.html", {**context, "may_export": may_export, "paused": paused})


@page("GET")
def download(visit: Visit, public_id: UUID) -> HttpResponseBase:
    """The file; never kept by a cache."""
    found = bundle_of(visit, public_id)
    visit.need(Capability.EXPORT, found.namespace)
    try:
        file = bundles.open_file(found)
    except RequestError as missing:
        raise Http404 from missing
    response = FileResponse(file, as_attachment=True, filename=bundle_file_name(found), content_type="application/gzip")
    response["Cache-Control"] = "no-store"
    return response


_OUTCOMES = {"verified": "Verified", "incomplete": "Incomplete", "rejected": "Rejected", "open": "Not written yet"}
_COLUMNS = {
    name: attrgetter(name)
    for name in (
        "public_id", "namespace", "stream", "first", "last", "head_size", "actor", "created", "finished", "outcome",
        "bundle_id", "file_sha256", "file_size",
    )
}  # fmt: skip


def _filters(query: QueryDict) -> dict[str, str]:
    namespace, _, name = query.get("stream", "").replace("\0", "").strip().partition("/")
    outcome = query.get("outcome", "")
    return {"outcome": outcome if outcome in _OUTCOMES else "", "namespace": namespace, "stream": name}


_FIELDS = {"stream__namespace": "namespace", "stream__name": "stream"}


def _place(sort: Sorting, row: BundleView) -> tuple[Any, ...]:
    return tuple(getattr(row, _FIELDS.get(column, column)) for column, _ in sort.order.columns)


def _answer(count: int, *, narrowed: bool, more: bool) -> str:
    if not count and not narrowed:
        return "No bundle was asked for yet."
    told = f"{'More than ' if more else ''}{words.counted(count, 'bundle')}"
    return f"{told} under this filter." if narrowed else f"{told} asked for in your namespaces."


def bundle_of(visit: Visit, public_id: UUID) -> BundleView:
    """The bundle, if its namespace exists for this reader; else the 404 of every unknown address."""
    try:
        found = bundles.bundle(public_id)
    except RequestError as unknown:
        raise Hidden(visit.principal.actor) from unknown
    visit.need_known(found.namespace)
    return found
