"""Who calls: the holder of a bearer token, or a person in a session that gave its second factor.

Guarantees that a session counts only with a second factor, and on unsafe methods only together with the CSRF
token and a same-origin `Sec-Fetch-Site`; a bearer token needs neither, since no browser attaches one by
itself.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from console.api.problems import ProblemError
from console.api.request_body import content_type_of
from governance.identity.core.principal import Principal
from governance.identity.factors import is_verified
from governance.identity.selectors.principals import principal_of_token, principal_of_user
from governance.identity.tokens import parse_token

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="countersign"'}
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})


def principal_of(request: HttpRequest, now: datetime) -> Principal:
    """The caller; raises a 401 problem, or csrf_failed."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    principal = _bearer(header, now) if header else _session(request, now)
    if principal is None:
        raise ProblemError("credentials_invalid", headers=CHALLENGE)
    return principal


def _bearer(header: str, now: datetime) -> Principal | None:
    scheme, _, text = header.partition(" ")
    token = parse_token(text.strip()) if scheme.lower() == "bearer" else None
    return principal_of_token(token, now) if token is not None else None


def _session(request: HttpRequest, now: datetime) -> Principal | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        raise ProblemError("credentials_missing", headers=CHALLENGE)
    if not is_verified(request):
        raise ProblemError("second_factor_missing", headers=CHALLENGE)
    if request.method not in SAFE:
        _refuse_forgery(request)
    return principal_of_user(user, now)


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:  # noqa: ARG002 - Django's signature
        return HttpResponse(reason, status=403)


def _refuse_forgery(request: HttpRequest) -> None:
    """Form types are refused first: they are what a foreign page can send, and Django would read them."""
    if content_type_of(request) in _FORMS:
        raise ProblemError("type_unsupported", "Forms are not taken here.", denial="form")
    site = request.META.get("HTTP_SEC_FETCH_SITE", "same-origin")
    check = _Check(lambda _: HttpResponse())
    check.process_request(request)
    refused = check.process_view(request, lambda _: HttpResponse(), (), {})
    if site != "same-origin" or refused is not None:
        raise ProblemError("csrf_failed")
