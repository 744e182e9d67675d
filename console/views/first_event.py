"""The page that waits for a stream's first event, the part of it that is asked for again, and the client's file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from console.client_file import CLIENT_NAME, client_bytes
from console.first_event import arrival_of
from console.first_use import first_use
from console.tables import with_query
from console.views.converters import LARGEST_INDEX
from console.views.guard import page
from governance.identity.core.names import is_platform_name
from governance.identity.core.roles import Capability
from ledger.selectors import keys

if TYPE_CHECKING:
    from console.first_event import Arrival
    from console.views.visit import Visit
    from ledger.selectors.streams import StreamView


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Wait for the first event (or, with `?after=`, the first one behind that leaf), and tell what became of it."""
    stream = visit.stream(namespace, name)
    vkey = next(iter(keys.log_keys(stream.id).valid()), "")
    base = visit.request.build_absolute_uri("/").rstrip("/")
    context = {
        **_context(visit, stream),
        "title": f"First event of {namespace}/{name}",
        "use": first_use(base, namespace, name, vkey=str(vkey)),
        "vkey": str(vkey),
        "client_name": CLIENT_NAME,
        "client_digest": hashlib.sha256(client_bytes()).digest(),
        "may_make_key": visit.principal.may(Capability.MANAGE, namespace) and not is_platform_name(namespace),
        "may_export": visit.principal.may(Capability.EXPORT, namespace),
    }
    return visit.page("first_event/index.html", context)


@page("GET")
def state(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """The part that changes; 204 while nothing is new since `?mark=`, so that nothing is read out again."""
    stream = visit.stream(namespace, name)
    context = _context(visit, stream)
    arrival: Arrival = context["arrival"]
    if visit.request.GET.get("mark") == arrival.mark:
        return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
    return visit.partial("first_event/_arrival.html", context)


@page("GET")
def client(visit: Visit) -> HttpResponse:  # noqa: ARG001  (the guard's signature)
    """The client as one file."""
    response = HttpResponse(client_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{CLIENT_NAME}"'
    response["Cache-Control"] = "no-store"
    return response


def _context(visit: Visit, stream: StreamView) -> dict[str, Any]:
    arrival = arrival_of(stream, _after(visit), visit.now)
    query = with_query(visit.request.GET, mark=arrival.mark)
    poll = reverse("first-event-state", args=(stream.namespace, stream.name))
    return {
        "stream": stream,
        "arrival": arrival,
        "poll": "" if arrival.done or stream.stopped else f"{poll}{query}",
        "next_one": f"?after={stream.size - 1}",
    }


def _after(visit: Visit) -> int | None:
    """The leaf behind which is looked; 404 for what is no index."""
    text = visit.request.GET.get("after", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_INDEX)) or int(text) > LARGEST_INDEX:
        raise Http404
    return int(text)
