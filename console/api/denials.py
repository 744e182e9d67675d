"""Refusals that leave a record: one event for a known caller, a sum per minute for callers nobody knows.

The code recorded is that of the answer; the reason beside it is what the caller may not learn. What was asked for is
recorded too, in the payload, which can be erased: an auditor tells a slip of the pen from a search.

A call for somebody else's namespace and one for a namespace that does not exist are recorded alike, so that
neither the answer nor its duration tells them apart.
"""

from __future__ import annotations

import logging

from console.api.call import Call
from ledger.services import system_events

log = logging.getLogger(__name__)

DENIED = frozenset(
    {
        "credentials_missing",
        "credentials_invalid",
        "second_factor_missing",
        "role_missing",
        "scope_missing",
        "token_cannot_write",
        "csrf_failed",
        "tenant_suspended",
        "decision_needed",
        "step_up",
        "rate_limited",
    }
)


def record(call: Call, code: str, reason: str = "") -> None:
    """Write down that `call` was refused with `code`, where that or the reason is a denial; never fails the answer."""
    if code not in DENIED and not reason:
        return
    actor = call.principal.actor if call.principal is not None else None
    try:
        system_events.record_denial(
            code=code, actor=actor, door=call.route, request_id=call.request_id, reason=reason, asked=call.asked
        )
    except Exception:  # the caller gets the refusal all the same; the log is the last witness
        log.exception("a denial could not be recorded", extra={"code": code, "request_id": call.request_id})
