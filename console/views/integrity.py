"""Integrity: what was compared with what, over all streams that the reader may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.api_calls import api_call
from console.integrity_page import answer, lines
from console.views.guard import page
from console.views.visit import Forbidden
from governance.identity.core.roles import Role
from governance.watching.selectors.standing import standing_in
from ledger.selectors import jobs, streams
from ledger.services.verifying import KIND

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit

READERS = frozenset({
    Role.AUTHOR, Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR, Role.COMPLIANCE_OFFICER, Role.INTERNAL_AUDITOR,
})  # fmt: skip
COUNTED = 500
LOOKED_AT = 500


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """One line for each stream: its newest head, its witnesses, and when its stored bytes were hashed again."""
    if not visit.principal.roles & READERS:
        roles = ", ".join(sorted(role.words for role in READERS))
        raise Forbidden(
            "Your roles do not let you see the integrity of all streams.",
            f"This takes one of these roles: {roles}. The page of a stream tells the same of it alone.",
            "A tenant admin can propose the role, and a platform operator enters it.",
        )
    mine = visit.principal.namespaces
    asked = jobs.job_rows(mine, jobs.ORDERS["created"].reversed(), None, LOOKED_AT, {"kind": KIND})
    found = lines(streams.streams_in(mine, limit=COUNTED), standing_in(mine), asked)
    context = {"rows": found, "answer": answer(found), "api": api_call("streams")}
    return visit.page("integrity/index.html", context)
