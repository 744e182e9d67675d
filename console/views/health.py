"""A stream's health over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from console.api_calls import api_call
from console.health_page import SPANS, context_of
from console.views.guard import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """The five paths over a day or a month (`?span=`), the rate of events, and the last receipts."""
    stream = visit.stream(namespace, name)
    span = visit.request.GET.get("span", "day")
    if span not in SPANS:
        raise Http404
    context = {
        **context_of(stream, span, visit.now),
        "paused": visit.paused(stream, 0, stream.size),
        "api": api_call("stream", namespace, name),
    }
    return visit.page("streams/health.html", context)
