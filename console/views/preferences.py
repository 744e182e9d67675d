"""Preferences of one browser, kept in cookies and set by forms that need no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from console.context import SHORTCUTS_COOKIE
from console.views.guard import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit

_YEAR_S = 365 * 24 * 60 * 60


@page("POST")
def shortcuts(visit: Visit) -> HttpResponse:
    """Switch the keys `/` and Ctrl+K on or off (WCAG 2.1.4)."""
    on = visit.request.POST.get("shortcuts") == "on"
    told = "The keys / and Ctrl+K lead to the search." if on else "The keys / and Ctrl+K do nothing here any more."
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    response = HttpResponseRedirect(f"{reverse('account')}#shortcuts")
    response.set_cookie(
        SHORTCUTS_COOKIE, "on" if on else "off", _YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response
