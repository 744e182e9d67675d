"""Verification in the reader's own browser: a page for everybody, and the same as one file to save.

Guarantees that neither needs an account and that the page can send nothing: its policy allows no connection.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from csp.decorators import csp_replace
from django.http import HttpResponse
from django.shortcuts import render

from console import words
from console.short_words import spoken
from console.verifier import FILE_NAME as PYTHON_NAME
from console.verifier import verifier_bytes
from console.verifier_page import FILE_NAME, page_bytes
from console.views.guard import wrong_method

if TYPE_CHECKING:
    from django.http import HttpRequest

_POLICY: Final[dict[str, Any]] = {
    "connect-src": ["'none'"],
    "worker-src": ["'self'"],
    "trusted-types": ["default", "verifier-worker"],
}


@csp_replace(_POLICY)
def index(request: HttpRequest) -> HttpResponse:
    """The page."""
    if request.method not in {"GET", "HEAD"}:
        return wrong_method(request, ("GET",))
    saved = hashlib.sha256(page_bytes()).digest()
    context = {
        "python_name": PYTHON_NAME,
        "python_digest": hashlib.sha256(verifier_bytes()).hexdigest(),
        "saved_name": FILE_NAME,
        "saved_size": words.size(len(page_bytes())),
        "saved_digest": saved.hex(),
        "saved_words": spoken(saved),
    }
    response = render(request, "verify/index.html", context)
    response["Cache-Control"] = "no-store"
    return response


def saved_file(request: HttpRequest) -> HttpResponse:
    """The same as one file to save; it is never shown from here, where it could reach this server."""
    if request.method not in {"GET", "HEAD"}:
        return wrong_method(request, ("GET",))
    response = HttpResponse(page_bytes(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    response["Cache-Control"] = "no-store"
    return response
