"""Appends that failed by our own fault, counted for the gap leaves of their stream."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from console.api.problems import PROBLEMS
from ledger.services.refused import refused

if TYPE_CHECKING:
    from console.api.call import Call
    from console.api.problems import ProblemError

log = logging.getLogger(__name__)

_OURS = frozenset({503, 507})
_ROUTE = "api:events"


def record(call: Call, problem: ProblemError) -> None:
    """Count an append with credentials that was answered 503 or 507; never fails the answer."""
    if call.route != _ROUTE or call.request.method != "POST" or PROBLEMS[problem.code].status not in _OURS:
        return
    known = call.principal is not None or "Authorization" in call.request.headers
    if not known or "namespace" not in call.asked or "stream" not in call.asked:
        return
    try:
        refused.add(call.asked["namespace"], call.asked["stream"], problem.code, call.now)
    except Exception:
        log.exception("a refused append could not be counted", extra={"request_id": call.request_id})
