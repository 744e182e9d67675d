"""What answers where no view does: a problem for the API's callers, a page for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.defaults import bad_request

from console.api.fallback import problem_for
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
    return problem_for(request, 500) or errors.failed(request)
