"""One line of log for a request, when it is answered: who asked from where, for what, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django_structlog.middlewares import RequestMiddleware

from console.addresses import client_address

if TYPE_CHECKING:
    from django.http import HttpRequest


class RequestLog(RequestMiddleware):
    """django-structlog's, without its line at the beginning, which said nothing that the one at the end does not.

    An address that a client claims is believed only of trusted proxies, as everywhere here.
    """

    def prepare(self, request: HttpRequest) -> None:
        """What every line carries that is written for this request."""
        told = request.META
        known = {"request_id": told.get("HTTP_X_REQUEST_ID"), "ip": client_address(request)}
        named = {"user_agent": told.get("HTTP_USER_AGENT"), "correlation_id": told.get("HTTP_X_CORRELATION_ID")}
        structlog.contextvars.bind_contextvars(**known, **{name: text for name, text in named.items() if text})
