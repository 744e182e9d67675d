"""The base of every operation: from a Django request straight to the handler, and every failure to a problem.

DRF's parsers, negotiation, permissions and throttles are left out on purpose: they would read the body before
its limit is known. What remains of DRF is what the schema generator needs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.views import APIView

from console.api import denials, refused_appends
from console.api.call import Call, not_found
from console.api.credentials import principal_of
from console.api.encoding import dump
from console.api.problems import PROBLEMS, ProblemError, response_of
from console.api.rate import spend
from console.failures import RETRY_AFTER_S, database_is_away, database_is_full, record_refusal
from governance.identity.core.principal import Principal
from ledger.errors import LedgerError, StreamUnknown

log = logging.getLogger(__name__)
Handler = Callable[..., HttpResponseBase]
_ASKED = {"ns": "namespace", "name": "stream", "public_id": "id"}


class Operation(APIView):
    """Subclasses define `get` or `post` with a `Call` and the arguments of their route."""

    authentication_classes = ()
    permission_classes = ()
    public: ClassVar[bool] = False
    is_deed: ClassVar[bool] = False
    """Whether a call by another method is somebody's try at it, and is recorded."""

    def dispatch(self, request: HttpRequest, *_: object, **kwargs: object) -> HttpResponseBase:
        """Answer `request`, whatever happens."""
        call = Call(request, request_id_of(request), route_of(request), timezone.now())
        call.asks(**{_ASKED[name]: value for name, value in kwargs.items() if name in _ASKED})
        try:
            return self._answer(call, kwargs)
        except Exception as error:  # noqa: BLE001 - the last stop: everything becomes a problem
            return refusal(call, error)

    def _answer(self, call: Call, kwargs: dict[str, object]) -> HttpResponseBase:
        method = (call.request.method or "").lower()
        if method == "options":
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": self._allow()})
        handler: Handler | None = getattr(self, "get" if method == "head" else method, None)
        if handler is None or method not in {*self.http_method_names}:
            raise self._other_method(call, kwargs)
        if not self.public:
            call.principal = self.caller(call, kwargs)
        spend(call)
        return handler(call, **kwargs)

    def _other_method(self, call: Call, kwargs: dict[str, object]) -> ProblemError:
        """The refusal; of a deed with the caller's name beside it, where the call tells one."""
        if self.is_deed:
            with suppress(ProblemError, LedgerError):
                call.principal = self.caller(call, kwargs)
                spend(call)
        allow = self._allow()
        denial = "method" if self.is_deed else ""
        return ProblemError("method_not_allowed", f"Use {allow}.", headers={"Allow": allow}, denial=denial)

    def caller(self, call: Call, _asked: dict[str, object]) -> Principal:
        """Who calls; an operation may know better."""
        return principal_of(call.request, call.now)

    def _allow(self) -> str:
        return ", ".join(self.allowed_methods)


def answer(value: Any, status: int = HTTPStatus.OK, **headers: str) -> HttpResponse:
    """A JSON answer that no cache keeps."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return HttpResponse(
        dump(value),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **named},
    )


def request_id_of(request: HttpRequest) -> str:
    """The id under which the call is found again."""
    return str(getattr(request, "request_id", ""))


def route_of(request: HttpRequest) -> str:
    """The name of the route, never the address itself: addresses carry names of tenants."""
    match = request.resolver_match
    return (match.view_name or "unknown") if match is not None else "unknown"


def refusal(call: Call, error: Exception) -> HttpResponse:
    """The problem that `error` becomes, after the denial or failure was recorded: once, so not where the engine did."""
    problem = problem_of(error)
    if problem.code == "internal_error":
        log.error("request failed", exc_info=error, extra={"request_id": call.request_id, "route": call.route})
        record_refusal(error, call.route, call.request_id)
    if not getattr(error, "recorded", False):
        denials.record(call, problem.code, problem.denial)
    refused_appends.record(call, problem)
    return response_of(problem, call.request_id)


def problem_of(error: Exception) -> ProblemError:
    """Translate what an operation raised; codes of the ledger are codes of the API."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, LedgerError):
        return _of_ledger(error)
    if database_is_full(error):
        return ProblemError("storage_full")
    if database_is_away(error):
        return ProblemError("database_unavailable", headers={"Retry-After": str(RETRY_AFTER_S)})
    if isinstance(error, DatabaseError):
        return ProblemError("internal_error", "The database refused a statement; nothing was kept.")
    return ProblemError("internal_error")


def _of_ledger(error: LedgerError) -> ProblemError:
    if isinstance(error, StreamUnknown):
        return not_found()
    code = error.code
    if code not in PROBLEMS:
        log.error("a code of the ledger has no row in the table of problems", extra={"code": error.code})
        code = "refused"
    detail = f"{error.what}: {error.why}" if error.why else f"{error.what}"
    return ProblemError(code, f"{detail.rstrip('.')}.", error.next_step, error.path)
