"""What answers where no view does: a problem for the API's callers, a page for everybody else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.template import loader

from console.api.fallback import problem_for
from console.failures import RETRY_AFTER_S, database_is_away, record_refusal
from console.views import errors

if TYPE_CHECKING:
    from django.http import HttpRequest


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    unknown = isinstance(exception, DisallowedHost)
    return problem_for(request, 400, "host_unknown" if unknown else "") or _malformed_page(request, unknown=unknown)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_for(request, 403) or errors.forbidden(request, exception)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem_for(request, 403) or errors.csrf_failed(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_for(request, 404) or errors.not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 where what failed is the connection to the database; Django calls this while it handles the error."""
    error = sys.exc_info()[1]
    if database_is_away(error):
        answer = problem_for(request, 503) or errors.failed(request, away="database")
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    match = request.resolver_match
    door = (match.view_name or "unknown") if match is not None else "unknown"
    record_refusal(error, f"page:{door}", str(getattr(request, "request_id", "")))
    return problem_for(request, 500) or errors.failed(request)


def _malformed_page(request: HttpRequest, *, unknown: bool) -> HttpResponse:
    """400, without the request's own host, session or database: none of them may be believed here."""
    host = "The address it was sent to is not one of this server's. Next: use the address you were given."
    form = "It is not a well-formed request. Next: go back, load the page again and send it from there."
    why, _, step = (host if unknown else form).partition(" Next: ")
    context = {
        "what": "This request cannot be read.",
        "why": why,
        "next": f"{step[0].upper()}{step[1:]}",
        "request_id": getattr(request, "request_id", ""),
        "theme": "system",
        "themes": (),
    }
    text = loader.render_to_string("errors/plain.html", context, request=None)
    return HttpResponse(text, status=400, headers={"Cache-Control": "no-store"})
