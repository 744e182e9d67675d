"""The documents in the console: the first hour, codes, words, and everything else that is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404

from console.help_pages import help_page, image_path, names
from console.help_topics import READERS, titles
from console.views.guard import page

if TYPE_CHECKING:
    from django.http import HttpResponse, HttpResponseBase

    from console.views.visit import Visit


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The documents by who reads them, those of the reader first."""
    return visit.page("help/index.html", {"readers": READERS, "all": titles(names())})


@page("GET")
def detail(visit: Visit, name: str) -> HttpResponse:
    """One document."""
    try:
        found = help_page(name)
    except KeyError as unknown:
        raise Http404 from unknown
    return visit.page("help/detail.html", {"found": found})


@page("GET")
def image(visit: Visit, name: str) -> HttpResponseBase:  # noqa: ARG001  (the guard's signature)
    """A picture of a document."""
    try:
        path = image_path(name)
    except KeyError as unknown:
        raise Http404 from unknown
    kind = "image/svg+xml" if path.suffix == ".svg" else "image/png"
    return FileResponse(path.open("rb"), content_type=kind, headers={"Cache-Control": "private, max-age=3600"})
