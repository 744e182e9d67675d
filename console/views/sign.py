"""The signing page: static, public, the same for everybody, and able to reach nothing.

Guarantees a policy stricter than every other page's: own scripts by digest, no connection, no frame, no markup from
text. It opens from the portal (no opener policy of its own), takes one statement by message, and answers by message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, JsonResponse

from console import signing_page
from console.middleware import PERMISSIONS
from console.views.guard import wrong_method

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'none'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Integrity-Policy": "blocked-destinations=(script)",
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": f"{PERMISSIONS}, publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "Cache-Control": "no-store",
}


def index(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _answer(request, signing_page.document, "text/html; charset=utf-8")


def script(request: HttpRequest) -> HttpResponse:
    """Its script."""
    return _answer(request, signing_page.script, "text/javascript; charset=utf-8")


def style(request: HttpRequest) -> HttpResponse:
    """Its style sheet."""
    return _answer(request, signing_page.style, "text/css; charset=utf-8")


def saved_file(request: HttpRequest) -> HttpResponse:
    """The whole as one file to save; it is never shown from here, where it could reach this server."""
    response = _answer(request, signing_page.saved, "application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{signing_page.FILE_NAME}"'
    return response


def digests(request: HttpRequest) -> HttpResponse:
    """SHA-256 of everything above, for whoever watches the page from outside."""
    if request.method not in {"GET", "HEAD"}:
        return wrong_method(request, ("GET",))
    return JsonResponse(signing_page.digests(), headers={"Cache-Control": "no-store"})


def _answer(request: HttpRequest, made: Callable[[], bytes], content_type: str) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return wrong_method(request, ("GET",))
    return HttpResponse(made(), content_type=content_type, headers=_HEADERS)
