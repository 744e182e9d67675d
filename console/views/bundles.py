"""Bundles: the list, the page of one from request to verdict, and the file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase

from console import words
from console.api_calls import api_call
from console.bundle_page import bundle_file_name, context_of, outcome_line
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from governance.identity.core.roles import Capability
from ledger.errors import RequestError
from ledger.selectors import bundles, jobs

if TYPE_CHECKING:
    from console.views.visit import Visit
    from ledger.selectors.bundles import BundleView


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """Bundles of my namespaces, the newest first."""
    readable = visit.principal.namespaces
    after = visit.request.GET.get("after", "")
    found = bundles.bundles_of(readable, _uuid(after), PAGE_SIZE + 1)
    listed = page_of(found, visit.request.GET, lambda row: str(row.public_id))
    rows = [(row, outcome_line(row)) for row in listed.rows]
    answer = (
        f"{words.counted(len(rows), 'bundle')} asked for in your namespaces."
        if rows
        else "No bundle was asked for yet."
    )
    api = api_call("bundles") if visit.principal.holding(Capability.EXPORT) else ""
    return visit.page("bundles/index.html", {"rows": rows, "listed": listed, "answer": answer, "api": api})


@page("GET")
def detail(visit: Visit, public_id: UUID) -> HttpResponse:
    """One bundle."""
    found = bundle_of(visit, public_id)
    job = jobs.job(found.job_id)
    may_export = visit.principal.may(Capability.EXPORT, found.namespace)
    return visit.page("bundles/detail.html", {**context_of(found, job, visit.now), "may_export": may_export})


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


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def bundle_of(visit: Visit, public_id: UUID) -> BundleView:
    """The bundle, if its namespace exists for this reader."""
    try:
        found = bundles.bundle(public_id)
    except RequestError as unknown:
        raise Http404 from unknown
    visit.need_known(found.namespace)
    return found
