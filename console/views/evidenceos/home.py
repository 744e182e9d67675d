"""EvidenceOS in the console: what can be done here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.views.change_access import readable
from console.views.guard import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The ways in."""
    readable(visit)
    return visit.page("evidenceos/index.html", {})
