"""What Django answers by itself (403 of a middleware, 404, 500), as problems where the API or a log was called.

Each returns None for any other address: then the page of that status is rendered.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from console.api import denials
from console.api.call import Call
from console.api.operation import request_id_of, route_of
from console.api.problems import ProblemError, response_of

PREFIXES = ("/api/", "/log/")
_CODES = {
    400: "request_malformed",
    403: "csrf_failed",
    404: "not_found",
    500: "internal_error",
    503: "database_unavailable",
}


def problem_for(request: HttpRequest, status: int, code: str = "") -> HttpResponse | None:
    """The problem for `status`, or the more precise `code`, if the API or a log was called, else None."""
    if not request.path.startswith(PREFIXES):
        return None
    if status == HTTPStatus.FORBIDDEN:
        denials.record(Call(request, request_id_of(request), route_of(request), timezone.now()), _CODES[status])
    return response_of(ProblemError(code or _CODES[status]), request_id_of(request))
