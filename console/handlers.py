"""What answers where no view does: a problem for the API's callers, a page for everybody else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.views.defaults import bad_request

from console.api.fallback import problem_for
from console.failures import RETRY_AFTER_S, database_is_away, record_refusal
from console.views import errors

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_for(request, 400) or bad_request(request, exception)


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
