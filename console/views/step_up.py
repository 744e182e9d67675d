"""What is done only with a second factor that was given a moment ago (governance reference, section 3)."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from governance.identity.factors import verified_within

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from django.http import HttpResponseBase

    from console.views.visit import Visit

P = ParamSpec("P")
_READING = frozenset({"GET", "HEAD"})
TOLD = "Your second factor was given too long ago. It is fresh now; nothing was done yet, so use the button again."


def step_up_required(
    max_age: timedelta, *, back: str
) -> Callable[[Callable[Concatenate[Visit, P], HttpResponseBase]], Callable[Concatenate[Visit, P], HttpResponseBase]]:
    """Run the view only where a real second factor was given at most `max_age` ago; a recovery code never counts.

    Otherwise the visitor gives it first. A page that was read is then shown; after anything else they come to
    the page named `back`, with nothing done, since what was sent is not kept.
    """

    def decorate(
        view: Callable[Concatenate[Visit, P], HttpResponseBase],
    ) -> Callable[Concatenate[Visit, P], HttpResponseBase]:
        def stepped(visit: Visit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if verified_within(visit.request, max_age, visit.now):
                return view(visit, *args, **kwargs)
            return _to_second_factor(visit, back)

        return update_wrapper(stepped, view)

    return decorate


def _to_second_factor(visit: Visit, back: str) -> HttpResponse:
    reads = visit.request.method in _READING
    wanted = visit.request.get_full_path() if reads else reverse(back)
    if not reads:
        messages.add_message(visit.request, messages.WARNING, TOLD, extra_tags="not_evaluated")
    target = reverse("login-otp", query={"next": wanted})
    if visit.request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
