"""Work on one stream that takes long: verify what is stored, import a file. Each ends on the page of its job."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console.forms.importing import ImportForm
from console.seals import address
from console.views.guard import page
from governance.identity.core.roles import Capability
from ledger.errors import LedgerError
from ledger.services.import_jobs import request_import
from ledger.services.verifying import request_verify

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from console.views.visit import Visit
    from ledger.selectors.jobs import JobView
    from ledger.selectors.streams import StreamView


@page("POST")
def verify(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Ask for a verification, `quick` from the last checkpoint on or `full` from genesis on."""
    stream = visit.stream(namespace, name)
    mode = visit.request.POST.get("mode", "")
    try:
        made = request_verify(stream, "full" if mode == "full" else "quick", actor=visit.principal.actor)
    except LedgerError as refused:
        messages.add_message(visit.request, messages.ERROR, f"{refused}. {refused.next_step}", extra_tags="stale")
        return HttpResponseRedirect(address(stream))
    return HttpResponseRedirect(reverse("job", args=(made.public_id,)))


@page("GET", "POST")
def import_file(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Choose a file of lines and its format, then have it appended by a worker."""
    stream = visit.stream(namespace, name, Capability.APPEND)
    form = ImportForm(visit.request.POST or None, visit.request.FILES or None)
    if visit.request.method == "POST" and form.is_valid():
        try:
            made = _asked(visit, stream, form)
        except LedgerError as refused:
            form.add_error("file", f"{refused}. {refused.next_step}")
        else:
            return HttpResponseRedirect(reverse("job", args=(made.public_id,)))
    return visit.page("streams/import.html", {"stream": stream, "form": form}, 422 if form.errors else 200)


def _asked(visit: Visit, stream: StreamView, form: ImportForm) -> JobView:
    sent: UploadedFile[Any] = form.cleaned_data["file"]
    with TemporaryDirectory() as place:
        file = Path(place) / "lines"
        with file.open("wb") as kept:
            for chunk in sent.chunks():
                kept.write(chunk)
        name = Path(sent.name or "lines").name
        return request_import(stream, file, name, form.cleaned_data["format"], actor=visit.principal.actor)
