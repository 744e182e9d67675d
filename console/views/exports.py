"""Asking for a bundle: the form, its live count, and the request itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.urls import reverse

from console import words
from console.forms.export import ExportForm
from console.views.guard import page
from governance.identity.core.roles import Capability
from ledger.errors import RequestError
from ledger.services.exports import request_bundle

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from ledger.selectors.streams import StreamView


@page("GET", "POST")
def form(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Choose what goes into the bundle, then ask for it."""
    stream = visit.stream(namespace, name, Capability.EXPORT)
    bound = _bound(visit, stream)
    if visit.request.method == "POST" and bound.is_valid():
        return _ask(visit, stream, bound)
    return visit.page("bundles/export.html", _context(stream, bound), 422 if bound.is_bound and bound.errors else 200)


@page("GET")
def count(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """How many leaves the choice takes: the line below the form, while it is being filled in."""
    stream = visit.stream(namespace, name, Capability.EXPORT)
    bound = ExportForm(visit.request.GET, stream=stream)
    bound.is_valid()
    return visit.partial("bundles/_count.html", _context(stream, bound))


def _bound(visit: Visit, stream: StreamView) -> ExportForm:
    if visit.request.method == "POST":
        return ExportForm(visit.request.POST, stream=stream)
    if "by" in visit.request.GET:
        counted = ExportForm(visit.request.GET, stream=stream)
        counted.is_valid()
        return counted
    return ExportForm(stream=stream, initial={"first": 0, "last": max(stream.signed_size - 1, 0)})


def _ask(visit: Visit, stream: StreamView, bound: ExportForm) -> HttpResponse:
    chosen = bound.chosen
    assert chosen is not None  # noqa: S101  (a valid form has chosen)
    try:
        made, _ = request_bundle(
            stream,
            chosen.start,
            chosen.last + 1,
            actor=visit.principal.actor,
            disclose=bound.disclosed,
            period=chosen.period,
        )
    except RequestError as refused:
        bound.add_error(None, f"{refused}. {refused.next_step}")
        return visit.page("bundles/export.html", _context(stream, bound), 422)
    return HttpResponseRedirect(reverse("bundle", args=(made.public_id,)))


def _context(stream: StreamView, bound: ExportForm) -> dict[str, object]:
    return {
        "stream": stream,
        "form": bound,
        "told": told(stream, bound),
        "title": f"{stream.namespace}/{stream.name}",
    }


def told(stream: StreamView, bound: ExportForm) -> str:
    """What the choice comes to, in words."""
    if not bound.is_bound:
        return f"{words.counted(stream.signed_size, 'leaf', 'leaves')} stand under the newest signed root."
    if bound.chosen is None:
        return "Nothing to export with this choice."
    first, last = words.grouped(bound.chosen.start), words.grouped(bound.chosen.last)
    count = words.counted(bound.chosen.count, "leaf", "leaves")
    return f"{count}: {first} to {last}."
