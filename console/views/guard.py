"""The one way into a page: signed in, second factor given, right method."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from console import denials
from console.views.visit import Refused, Visit
from governance.identity.factors import is_verified, note_standing
from governance.identity.selectors.principals import standing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
Paged: TypeAlias = "Callable[Concatenate[Visit, P], HttpResponseBase]"


def page(*methods: str) -> Callable[[Paged[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Wrap a view of a Visit: other methods get 405, strangers the sign-in page and then their page."""

    def decorate(view: Paged[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                _tried(request, methods)
                return wrong_method(request, methods)
            visit = visit_of(request)
            if not isinstance(visit, Visit):
                return visit
            try:
                return view(visit, *args, **kwargs)
            except Refused as refused:
                return _refused(request, refused)

        return update_wrapper(guarded, view)

    return decorate


def visit_of(request: HttpRequest) -> Visit | HttpResponse:
    """The visit of a verified session, or the step of signing in that is still missing."""
    if not request.user.is_authenticated:
        return _to_step(request, "login")
    if not is_verified(request):
        return _to_step(request, "login-otp")
    now = timezone.now()
    standing = standing_of(request.user, now)
    if standing is None:
        return _to_step(request, "login")
    note_standing(request, ",".join(sorted(row.public_id.hex for row in standing[1])))
    return Visit(request, *standing, now)


def _tried(request: HttpRequest, methods: tuple[str, ...]) -> None:
    """What is done by POST alone, asked for by another method, is somebody's try at it, and recorded."""
    if "GET" in methods:
        return
    user = request.user
    known = user.actor if user.is_authenticated and is_verified(request) else None
    denials.record(request, "method_not_allowed", known)


def wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """405 in words, with `Allow`."""
    context = {
        "what": "This address does not take that method.",
        "why": f"It takes {' and '.join(methods)}.",
        "next": "Open the page it belongs to and use its button.",
    }
    response = render(request, "errors/plain.html", context, status=405)
    response["Allow"] = ", ".join(methods)
    return response


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    context = {"what": refused.what, "why": refused.why, "next": refused.next_step}
    response = render(request, "errors/plain.html", context, status=422)
    response["Cache-Control"] = "no-store"
    return response


def _to_step(request: HttpRequest, step: str) -> HttpResponse:
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    query = {"next": wanted} if wanted not in {"", "/"} else {}
    if ended := getattr(request, "session_ended", ""):
        query["ended"] = ended
    target = f"{reverse(step)}?{urlencode(query)}" if query else reverse(step)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
