"""Jobs: the list, the page of anything long with its log and its end, and its bar alone for polling."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import words
from console.api_calls import api_call
from console.job_face import face_of, percent
from console.job_page import KINDS, OPEN, STATES, TONES, may_cancel, result_of, stream_of, title_of
from console.listing.files import Listed, answer, wanted
from console.listing.order import Sorting, sorting
from console.tables import PAGE_SIZE, page_of
from console.views.guard import page
from console.views.visit import Forbidden
from ledger.errors import LedgerError, RequestError
from ledger.selectors import jobs
from ledger.selectors.bundles import bundle_of_job
from ledger.services.jobs import cancel as cancel_job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http.response import HttpResponseBase

    from console.views.visit import Visit
    from ledger.selectors.bundles import BundleView
    from ledger.selectors.jobs import JobView


@page("GET")
def index(visit: Visit) -> HttpResponseBase:
    """Jobs of my namespaces, the newest first."""
    query, filters = visit.request.GET, _filters(visit)
    sort = sorting(query, jobs.ORDERS, "-created")

    def read(after: Sequence[Any] | None, limit: int) -> list[JobView]:
        return jobs.job_rows(visit.principal.namespaces, sort.order, after, limit, filters)

    if file := wanted(visit):
        chunks = lambda last, limit: read(last and _place(sort, last), limit)  # noqa: E731  (read with a row)
        return answer(visit, Listed("jobs", "", _COLUMNS, chunks, {**filters, "sort": sort.name}), file)
    listed = page_of(read(sort.after, PAGE_SIZE + 1), query, lambda row: sort.order.place(_place(sort, row)))
    rows = [
        (row, title_of(row), STATES.get(row.state, row.state), TONES.get(row.state, "not_evaluated"), percent(row))
        for row in listed.rows
    ]
    context = {"rows": rows, "sort": sort, "listed": listed, "filters": filters, "kinds": KINDS, "states": STATES}
    asked = {**filters, "actor": "", "mine": "1" if filters["actor"] else ""}
    context |= {"api": api_call("jobs", filters=asked), "api_note": "" if sort.name == "-created" else "newest first"}
    told = _answer(listed.rows, narrowed=any(filters.values()), more=bool(listed.following))
    return visit.page("jobs/index.html", {**context, "narrowed": any(filters.values()), "answer": told})


_COLUMNS = {
    name: attrgetter(name)
    for name in ("public_id", "kind", "namespace", "actor", "state", "done", "total", "unit", "created", "finished")
}


def _filters(visit: Visit) -> dict[str, str]:
    query = visit.request.GET
    kind, state = query.get("kind", ""), query.get("state", "")
    mine = visit.principal.actor if query.get("mine") else ""
    return {"kind": kind if kind in KINDS else "", "state": state if state in STATES else "", "actor": mine}


def _place(sort: Sorting, row: JobView) -> tuple[Any, ...]:
    return tuple(getattr(row, column) for column, _ in sort.order.columns)


def _answer(rows: Sequence[JobView], *, narrowed: bool, more: bool) -> str:
    if not rows:
        return "No job fits this filter." if narrowed else "Nothing long was asked for yet."
    told = f"{'More than ' if more else ''}{words.counted(len(rows), 'job')}"
    going = sum(row.state in OPEN for row in rows)
    return f"{told}, {words.grouped(going)} of them not ended." if going else f"{told}, all ended."


@page("GET")
def detail(visit: Visit, public_id: UUID) -> HttpResponse:
    """One job: how far it is, what it said, what came of it."""
    found = job_of(visit, public_id)
    face = face_of(found, visit.now, reverse("job-bar", args=(public_id,)))
    bundle = _bundle(found)
    return visit.page(
        "jobs/detail.html",
        {
            "job": face,
            "found": found,
            "title": title_of(found),
            "of_stream": stream_of(found),
            "result": result_of(found, bundle),
            "bundle": bundle,
            "notes": jobs.notes_of(found),
            "may_cancel": may_cancel(visit.principal, found),
            "refresh": face.running,
            "api": api_call("job", public_id),
        },
    )


@page("POST")
def cancel(visit: Visit, public_id: UUID) -> HttpResponse:
    """End a job that has not ended."""
    found = job_of(visit, public_id)
    if found.state in OPEN and not may_cancel(visit.principal, found):
        raise _not_yours(found)
    try:
        cancel_job(public_id, by=visit.principal.actor)
    except LedgerError as refused:
        messages.add_message(visit.request, messages.ERROR, f"{refused}. {refused.next_step}", extra_tags="stale")
    else:
        told = "The job is cancelled. A worker that holds it stops at its next step; nothing half-made is kept."
        messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(reverse("job", args=(public_id,)))


def _not_yours(found: JobView) -> Forbidden:
    return Forbidden(
        "Your roles do not let you end this job.",
        f"It takes who asked for it ({found.actor}), or a role that may ask for such a job in {found.namespace}.",
        f"A tenant admin of {found.namespace} can end it, or propose the role; the platform operator enters it.",
    )


def _bundle(found: JobView) -> BundleView | None:
    if found.kind != "export":
        return None
    try:
        return bundle_of_job(found.public_id)
    except RequestError:
        return None


@page("GET")
def bar(visit: Visit, public_id: UUID) -> HttpResponse:
    """The bar alone; once the job ended, the page it stands on is asked to load itself again."""
    found = job_of(visit, public_id)
    face = face_of(found, visit.now, reverse("job-bar", args=(public_id,)))
    response = visit.partial("ui/_job.html", {"job": face})
    if not face.running:
        response["HX-Refresh"] = "true"
    return response


def job_of(visit: Visit, public_id: UUID) -> JobView:
    """The job, if its namespace exists for this reader, or if it is the reader's own."""
    try:
        found = jobs.job(public_id)
    except RequestError as unknown:
        raise Http404 from unknown
    if not visit.principal.knows(found.namespace) and found.actor != visit.principal.actor:
        raise Http404
    return found
