"""`/health`, `/ready`, `/metrics`: for machines, without session, without tenant's data."""

from __future__ import annotations

import hmac
from dataclasses import asdict

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from console import health_checks, metrics
from console.api.encoding import dump
from console.api.operation import request_id_of
from console.api.problems import ProblemError, response_of

LOOPBACK = frozenset({"127.0.0.1", "::1"})
_READING = ("GET", "HEAD")
_NO_STORE = {"Cache-Control": "no-store"}


def health(request: HttpRequest) -> HttpResponse:
    """Say that this process answers. Nothing else is touched."""
    if request.method not in _READING:
        return HttpResponseNotAllowed(_READING)
    return HttpResponse(b'{"status":"ok"}', content_type="application/json", headers=_NO_STORE)


def ready(request: HttpRequest) -> HttpResponse:
    """200 when every check passes, 503 with the failed ones named."""
    if request.method not in _READING:
        return HttpResponseNotAllowed(_READING)
    findings = health_checks.run()
    is_ready = health_checks.is_ready(findings)
    body = {"ready": is_ready, "checks": {name: asdict(finding) for name, finding in findings.items()}}
    return HttpResponse(dump(body), status=200 if is_ready else 503, content_type="application/json", headers=_NO_STORE)


def exposition(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for who has the token, or sits on this machine where there is none."""
    if request.method not in _READING:
        return HttpResponseNotAllowed(_READING)
    if not _may_scrape(request):
        return response_of(ProblemError("not_found", "There is no such address."), request_id_of(request))
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE, headers=_NO_STORE)


def _may_scrape(request: HttpRequest) -> bool:
    """With a token configured only the token counts: behind a proxy every peer is on this machine."""
    token = str(settings.COUNTERSIGN_METRICS_TOKEN)
    if token:
        scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded
