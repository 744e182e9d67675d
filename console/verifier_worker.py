"""The policy of the verifier's worker: it may load its own scripts and reach nothing else.

A worker does not inherit the policy of its page, so its script carries its own; a 304 carries it too, since its headers
replace those that the browser kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.templatetags.static import static

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

SCRIPT: Final = "js/verify/worker.js"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types verifier-worker"
)


class VerifierWorker:
    """Stands inside of the policy of pages, which leaves a policy alone that is there already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response
        self.path = static(SCRIPT)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Put the worker's policy on the answers for its script."""
        response = self.get_response(request)
        if request.path == self.path:
            response["Content-Security-Policy"] = _POLICY
        return response
