"""Django's WSGI handler with a short way for appends: the middleware that an API call by token needs, and no other.

Guarantees that who appends by a bearer token gets the answer that the whole chain would give: request id, security
headers, logs, metrics and the check of the host stand on both ways; sessions, cookies, CSRF, messages and static files
do not concern a call that brings a token and no cookie. Everything else goes the long way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    Answering = Callable[[HttpRequest], HttpResponseBase]

SHORT: Final = (
    "console.measuring.Measure",
    "console.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "console.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "console.signing_host.SigningHost",
    "console.request_log.RequestLog",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
"""Of the settings' MIDDLEWARE, in its order."""
ROUTE: Final = "api:events"


class Handler(WSGIHandler):
    """Chooses a way for each request."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Load the settings' chain, and beside it the short one."""
        super().load_middleware(is_async)
        self._long: Answering = vars(self)["_middleware_chain"]
        self._short = _chain(SHORT)
        self._middleware_chain = self._either

    def _either(self, request: HttpRequest) -> HttpResponseBase:
        match = append_at(request)
        if match is None:
            return self._long(request)
        request.resolver_match = match
        return self._short(request)


def append_at(request: HttpRequest) -> ResolverMatch | None:
    """The operation, where it is a POST to a stream's events by a bearer token and without a cookie."""
    told = request.META
    bears = told.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    if request.method != "POST" or not bears or "HTTP_COOKIE" in told or not request.path_info.endswith("/events/"):
        return None
    return _match(request.path_info)


def _chain(names: tuple[str, ...]) -> Answering:
    answering: Any = convert_exception_to_response(_append)
    for name in reversed(names):
        answering = convert_exception_to_response(import_string(name)(answering))
    chain: Answering = answering
    return chain


def _append(request: HttpRequest) -> HttpResponseBase:
    match: Any = request.resolver_match
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


@lru_cache(maxsize=1024)
def _match(path: str) -> ResolverMatch | None:
    """What is behind an address, if it is a stream's events; addresses are few and come again."""
    try:
        found = resolve(path) if path.startswith("/api/v1/streams/") else None
    except Resolver404:
        return None
    return found if found is not None and found.view_name == ROUTE else None
