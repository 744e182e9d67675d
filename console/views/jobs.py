"""Jobs: the page of anything long, and its bar alone for polling."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse

from console.job_face import face_of
from console.views.guard import page
from ledger.errors import RequestError
from ledger.selectors import jobs

if TYPE_CHECKING:
    from console.views.visit import Visit
    from ledger.selectors.jobs import JobView


@page("GET")
def detail(visit: Visit, public_id: UUID) -> HttpResponse:
    """One job."""
    found = job_of(visit, public_id)
    face = face_of(found, visit.now, reverse("job-bar", args=(public_id,)))
    return visit.page("jobs/detail.html", {"job": face, "found": found, "refresh": face.running})


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
