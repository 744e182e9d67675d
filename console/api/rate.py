"""How many calls one caller may make: `COUNTERSIGN_API_RATE` (none unless set), e.g. `600/60`.

One bucket per credential, shared by all processes. Callers without one get `COUNTERSIGN_ANONYMOUS_RATE` by address,
which is set unless taken away: what anybody may ask for costs processor time.
"""

from __future__ import annotations

from django.conf import settings

from console.addresses import client_address
from console.api.call import Call
from console.api.problems import ProblemError
from governance.identity.actions.take_from_bucket import wait_for
from governance.identity.core.bucket import Rate, parse_rate


def spend(call: Call) -> None:
    """Count the call; raises rate_limited with the seconds to wait."""
    rate, holder = _bucket(call)
    if rate is None:
        return
    wait = wait_for(f"api:{holder}", rate, call.now)
    if wait:
        raise ProblemError("rate_limited", f"The next call is taken in {wait} s.", headers={"Retry-After": str(wait)})


def _bucket(call: Call) -> tuple[Rate | None, str]:
    """Documents that are the same for everybody (GET) are not counted for callers nobody knows."""
    if call.principal is not None:
        return parse_rate(settings.COUNTERSIGN_API_RATE), call.principal.actor
    text = settings.COUNTERSIGN_ANONYMOUS_RATE if call.request.method == "POST" else ""
    return parse_rate(text), client_address(call.request)
