"""What a page says when it cannot be shown: what, why, and the next step.

An unknown address and somebody else's object give the same 404, byte for byte but for the request id.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.template import loader

from console import denials
from console.views.guard import visit_of
from console.views.visit import Forbidden, Hidden, Visit

if TYPE_CHECKING:
    from django.http import HttpRequest

log = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for everything that is not there for this reader; probing for streams is recorded."""
    if isinstance(exception, Hidden):
        denials.record(request, "namespace_hidden", exception.actor)
    context = {
        "what": "There is nothing at this address.",
        "why": "It does not exist, or it is not yours to see; the answer is the same for both.",
        "next": "Look for the stream in the list, or check the address.",
    }
    return _plain(request, context, 404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: names what lacks and who can give it, and leaves a record."""
    visit = _visit(request)
    code = getattr(exception, "code", "refused")
    denials.record(request, code, visit.principal.actor if visit else None)
    if isinstance(exception, Forbidden):
        context = {"what": exception.what, "takes": exception.why, "grants": exception.next_step}
    else:
        context = {
            "what": "This request was refused.",
            "why": str(exception) or "It did not come from a page of this site.",
            "next": "Open the page here and use its button.",
        }
    return _plain(request, context, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  (Django's signature)
    """403 for a form without its token."""
    denials.record(request, "csrf_failed")
    context = {
        "what": "The form could not be matched to your session.",
        "why": "Its token is missing or from an earlier session, as after signing in again in another tab.",
        "next": "Nothing was changed. Load the page again and send the form from there.",
        "again": request.path,
    }
    return _plain(request, context, 403)


def failed(request: HttpRequest, away: str = "") -> HttpResponse:
    """500, or 503 naming the dependency that is `away`; without touching the database: it may be what failed."""
    failure = f"The {away} does not answer." if away else "Something failed on the server."
    context = {
        "what": "This page could not be made.",
        "why": f"{failure} It was written down under the request id below.",
        "next": "Try again in a moment. If it stays, give the request id to the platform operator.",
        "request_id": getattr(request, "request_id", ""),
        "again": request.path if request.method == "GET" else "",
        "theme": "system",
        "themes": (),
    }
    text = loader.render_to_string("errors/plain.html", context, request=None)
    return HttpResponse(text, status=503 if away else 500)


def _plain(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    if status != HTTPStatus.NOT_FOUND:
        context = {**context, "request_id": getattr(request, "request_id", "")}
    response = render(request, "errors/plain.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _visit(request: HttpRequest) -> Visit | None:
    try:
        visit = visit_of(request)
    except (DatabaseError, AttributeError):
        log.warning("no principal for a refused page", exc_info=True)
        return None
    return visit if isinstance(visit, Visit) else None
