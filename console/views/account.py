"""One's own account: who I am here, how fresh this session is, and which tokens speak for me."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.views.guard import page
from governance.identity.factors import (
    ABSOLUTE_LIMIT,
    ASSURANCE,
    BEGAN,
    IDLE_LIMIT,
    STEP_UP_AGE,
    VERIFIED_AT,
    verified_within,
)
from governance.identity.selectors.tenants import personal_tokens_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit


_FACTORS = {"totp": "authenticator", "recovery": "recovery code"}


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The account of the reader."""
    session = visit.request.session
    return visit.page(
        "identity/account.html",
        {
            "memberships": visit.memberships,
            "tokens": personal_tokens_of(visit.person, visit.now),
            "fresh": verified_within(visit.request, STEP_UP_AGE, visit.now),
            "fresh_for": STEP_UP_AGE,
            "factor": _FACTORS.get(str(session.get(ASSURANCE)), "unknown"),
            "verified_at": _moment(session.get(VERIFIED_AT)),
            "ends": _ends(session.get(BEGAN)),
            "idle": IDLE_LIMIT,
        },
    )


def _moment(stamp: float | None) -> datetime | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, tz=UTC)


def _ends(began: float | None) -> datetime | None:
    start = _moment(began)
    return None if start is None else start + ABSOLUTE_LIMIT
