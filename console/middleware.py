"""What every request and every response has to have, whichever view answers."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OTHERS_SITES = frozenset({"cross-site", "same-site"})
FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{feature}=()" for feature in FEATURES)


class RequestId:
    """X-Request-ID on every response: the caller's if it is sane, else fresh; also `request.request_id`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put the id where the log's context picks it up, and on the answer."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        identifier = given if SANE_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = identifier
        request.request_id = identifier  # type: ignore[attr-defined]  # Django's way to carry facts of a request
        response = self.get_response(request)
        response["X-Request-ID"] = identifier
        return response


class SecurityHeaders:
    """Headers that Django does not know yet. A view that needs another value sets it, and is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what is not there."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class SharedAnswers:
    """What shared caches may keep carries no cookie and does not depend on one; stands outside the sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take from a public answer what other middleware put there for the session of whoever asked first."""
        response = self.get_response(request)
        if response.headers.get("Cache-Control", "").startswith("public"):
            response.cookies.clear()
            varied = [name for name in response.headers.get("Vary", "").split(", ") if name not in {"", "Cookie"}]
            response.headers.pop("Vary", None)
            if varied:
                response["Vary"] = ", ".join(varied)
        return response


class FetchSite:
    """Refuses unsafe requests that a browser sends from another site, before any view and any token.

    An Authorization header is no ambient authority: such requests pass, as do clients that are no browsers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let it pass; `process_view` decides, so that a refusal gets the page every 403 gets."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Raise PermissionDenied for a request whose Sec-Fetch-Site names another site."""
        site = request.headers.get("Sec-Fetch-Site", "")
        bears_token = "Authorization" in request.headers
        if request.method not in SAFE_METHODS and site in OTHERS_SITES and not bears_token:
            raise PermissionDenied("This request came from another site. Next: open the page here and try again.")
