"""How many calls one caller may make, where a limit is configured (`COUNTERSIGN_API_RATE`, e.g. `600/60`).

Without the setting nothing is counted and nothing is written. With it, one bucket per credential (or per
address for callers without one) is shared by all processes.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from console.api.call import Call
from console.api.problems import ProblemError
from governance.identity.actions.take_from_bucket import wait_for
from governance.identity.core.bucket import Rate


@lru_cache(maxsize=8)
def parse_rate(text: str) -> Rate | None:
    """`calls/seconds` as a bucket of `calls` that fills up again in `seconds`; nothing for an empty text."""
    if not text:
        return None
    calls, _, seconds = text.partition("/")
    return Rate(capacity=float(calls), per_second=float(calls) / float(seconds or 1))


def spend(call: Call) -> None:
    """Count the call; raises rate_limited with the seconds to wait."""
    rate = parse_rate(getattr(settings, "COUNTERSIGN_API_RATE", ""))
    if rate is None:
        return
    holder = call.principal.actor if call.principal is not None else address_of(call.request)
    wait = wait_for(f"api:{holder}", rate, call.now)
    if wait:
        raise ProblemError("rate_limited", f"The next call is taken in {wait} s.", headers={"Retry-After": str(wait)})


def address_of(request: HttpRequest) -> str:
    """The address of the peer; behind a proxy the proxy's, since a header can be written by anybody."""
    return str(request.META.get("REMOTE_ADDR", ""))
