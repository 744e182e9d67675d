"""Counts every answer and the time it took, under the name of its route."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from console.metrics import observe

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase


class Measure:
    """Stands outside everything else, so that what other middleware answers is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Time the answer."""
        began = time.perf_counter()
        response = self.get_response(request)
        observe(request, response, time.perf_counter() - began)
        return response
