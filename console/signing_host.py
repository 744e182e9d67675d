"""An origin of its own for the signing page, where one is configured: nothing else is served there, and it only there.

Guarantees that no page which shows what people wrote shares an origin with encrypted keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse, HttpResponseRedirect

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

PREFIX: Final = "/sign/"
WATCHED: Final = frozenset({"/health", "/ready"})


def own_origin() -> str:
    """The signing page's origin where it has one of its own, else ''."""
    site = urlsplit(settings.COUNTERSIGN_SITE_URL)
    own: str = settings.COUNTERSIGN_SIGN_ORIGIN
    return own if own and own != f"{site.scheme}://{site.netloc}" else ""


def host_of(origin: str) -> str:
    """Host and port of `https://sign.example`; raises ImproperlyConfigured for what is no origin."""
    parts = urlsplit(origin)
    if parts.scheme not in {"https", "http"} or not parts.netloc or f"{parts.scheme}://{parts.netloc}" != origin:
        raise ImproperlyConfigured(
            f"COUNTERSIGN_SIGN_ORIGIN is {origin!r}. Next: set it to https://host, without a path."
        )
    return parts.netloc


class SigningHost:
    """Stands before sessions: the signing page has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Read the setting once."""
        self.get_response = get_response
        self.origin = own_origin()
        self.host = host_of(self.origin) if self.origin else ""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the page on its host alone."""
        signs = request.path.startswith(PREFIX)
        if not self.host or signs == (request.get_host() == self.host) or request.path in WATCHED:
            return self.get_response(request)
        if signs:
            return HttpResponseRedirect(f"{self.origin}{request.path}")
        return HttpResponse("Only the signing page is served here: /sign/\n", status=404, content_type="text/plain")
