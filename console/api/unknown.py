"""Every address under /api/ that no operation has: a problem, whatever the method."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from console.api.operation import Operation, request_id_of
from console.api.problems import ProblemError, response_of


class UnknownAddress(Operation):
    """Not part of the document; the last route."""

    schema = None
    public = True

    def dispatch(self, request: HttpRequest, *_: object, **__: Any) -> HttpResponse:
        """404, without looking at credentials."""
        return response_of(ProblemError("not_found", "There is no such address."), request_id_of(request))
