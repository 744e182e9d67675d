"""The choice of light, dark or the system's paper: a cookie, set by a form that needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from console.context import THEME_COOKIE, THEMES
from console.views.guard import wrong_method

if TYPE_CHECKING:
    from django.http import HttpRequest

_YEAR_S = 365 * 24 * 60 * 60


def choose(request: HttpRequest) -> HttpResponse:
    """Remember the choice and go back to where the form stood."""
    if request.method != "POST":
        return wrong_method(request, ("POST",))
    wanted = request.POST.get("next", "")
    fits = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(wanted if fits else reverse("overview"))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            _YEAR_S,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
