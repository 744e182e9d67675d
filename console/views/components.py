"""Every part of the interface on one page, for the people who build it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404

from console.samples import everything
from console.views.guard import page
from governance.identity.core.roles import Role

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """For platform operators, and for everybody while debugging."""
    if not settings.DEBUG and Role.PLATFORM_OPERATOR not in visit.principal.roles:
        raise Http404
    return visit.page("components/index.html", everything(visit.now))
