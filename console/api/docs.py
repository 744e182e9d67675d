"""The OpenAPI document and the page that shows it, without anything inline."""

from __future__ import annotations

from functools import cache
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from console.api.call import Call
from console.api.encoding import dump
from console.api.operation import Operation, request_id_of
from console.api.problems import ProblemError, response_of

DOCUMENT_TYPE = "application/vnd.oai.openapi+json"
# Swagger UI builds its page with innerHTML and draws icons from data: addresses; nothing else is opened.
_RELAXED = {"require-trusted-types-for": None, "trusted-types": None, "img-src": ["'self'", "data:"]}


@cache
def document() -> bytes:
    """The document; it depends on the code alone."""
    generator: Any = SchemaGenerator  # drf-spectacular leaves it untyped
    return dump(generator().get_schema(request=None, public=True))


class SchemaView(Operation):
    """OpenAPI 3.1."""

    schema = None
    public = True

    def get(self, call: Call) -> HttpResponse:  # noqa: ARG002 - every operation gets its call
        """The same for everybody."""
        return HttpResponse(document(), content_type=f"{DOCUMENT_TYPE}; charset=utf-8")


@method_decorator(csp_replace(_RELAXED), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own server; its script is a file of its own."""

    schema = None
    template_name = "api/docs.html"
    permission_classes = ()
    authentication_classes = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - DRF's signature
        """There is one form of this page, whatever was asked for."""
        return super().perform_content_negotiation(request, force=True)

    def handle_exception(self, exc: Exception) -> Any:
        """A wrong method is a problem here too."""
        if not isinstance(exc, APIException):
            raise exc
        code = "method_not_allowed" if exc.status_code == 405 else "request_malformed"
        error = ProblemError(code, headers={"Allow": "GET, HEAD, OPTIONS"})
        return response_of(error, request_id_of(self.request._request))  # noqa: SLF001 - DRF's wrapper has no public name for it
