"""One line of log when a request begins and one when it ends, with the client's address as everything here knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django_structlog.middlewares import RequestMiddleware

from console.addresses import client_address

if TYPE_CHECKING:
    from django.http import HttpRequest


class RequestLog(RequestMiddleware):
    """django-structlog's own; an address that a client claims is believed only of trusted proxies."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The address that limits count by, too."""
        structlog.contextvars.bind_contextvars(ip=client_address(request))
