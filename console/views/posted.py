"""JSON that a page's own script posts: the same visit as a page's, with a problem (RFC 9457) where it is refused.

Guarantees the exact content type, a body of at most 64 KiB of I-JSON, the form token and the site of every page, a
fresh second factor where it is asked for, and one record in `_system/events` for each refusal.
"""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeAlias

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from console import denials
from console.api.operation import problem_of, request_id_of
from console.api.problems import PROBLEMS, ProblemError, response_of
from console.views.guard import visit_of
from console.views.visit import Visit
from governance.identity.factors import STEP_UP_AGE, verified_within
from ledger.core import strict_json
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from ledger.core.types import JSONObject

MOST_BYTES = 65_536
Posted: TypeAlias = "Callable[[Visit, JSONObject], dict[str, Any]]"


def posted(*, fresh: timedelta | None = STEP_UP_AGE) -> Callable[[Posted], Callable[[HttpRequest], HttpResponse]]:
    """Wrap a function of a visit and an object; `fresh` is how long ago a second factor may be given at most."""

    def decorate(view: Posted) -> Callable[[HttpRequest], HttpResponse]:
        def guarded(request: HttpRequest) -> HttpResponse:
            visit = visit_of(request) if request.user.is_authenticated else None
            known = visit if isinstance(visit, Visit) else None
            try:
                return told(view(_let_in(known, fresh), body_of(request)))
            except (LedgerError, ProblemError) as error:
                return refused(request, error, known.principal.actor if known else None)

        return update_wrapper(guarded, view)

    return decorate


def body_of(request: HttpRequest) -> JSONObject:
    """The object in the body; raises ProblemError or JSONInvalid."""
    if request.method != "POST":
        raise ProblemError("method_not_allowed", "Use POST.", headers={"Allow": "POST"})
    if request.content_type != "application/json" or request.headers.get("Content-Encoding"):
        raise ProblemError("type_unsupported", "Send application/json.")
    if len(request.body) > MOST_BYTES:
        raise ProblemError("body_too_large", "At most 64 KiB are taken here.")
    value = strict_json.parse(request.body or b"{}")
    if not isinstance(value, dict):
        raise ProblemError("malformed", "An object is expected.")
    return value


def text_in(data: JSONObject, name: str, most: int = 200) -> str:
    """A text of the body; raises ProblemError."""
    value = data.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise ProblemError("malformed", f"A text of up to {most:,} characters is expected.", path=f"$.{name}")
    return value


def object_in(data: JSONObject, name: str) -> JSONObject:
    """An object of the body; raises ProblemError."""
    value = data.get(name)
    if not isinstance(value, dict):
        raise ProblemError("malformed", "An object is expected.", path=f"$.{name}")
    return value


def told(value: dict[str, Any]) -> HttpResponse:
    """An answer that no cache keeps."""
    return JsonResponse(value, headers={"Cache-Control": "no-store"})


def refused(request: HttpRequest, error: Exception, actor: str | None) -> HttpResponse:
    """The problem, after it was recorded."""
    problem = problem_of(error)
    if not getattr(error, "recorded", False):  # an action records what it refuses by itself
        denials.record(request, problem.code, actor)
    return response_of(problem, request_id_of(request))


def _let_in(visit: Visit | None, fresh: timedelta | None) -> Visit:
    if visit is None:
        raise ProblemError("second_factor_missing", next_step=f"Sign in at {reverse('login')}.")
    if fresh is not None and not verified_within(visit.request, fresh, visit.now):
        raise ProblemError("step_up", PROBLEMS["step_up"].title, f"Give your second factor at {reverse('login-otp')}.")
    return visit
