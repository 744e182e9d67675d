"""One answer over all streams that the reader may see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from console.api_calls import api_call
from console.bundled import newest_bundles
from console.overview_page import alarm_reasons, platform_reason, reasons_of, verdict, waits_of
from console.paused_memo import paused_for
from console.seals import rows_of, signed_state, waiting_state
from console.system_access import reads_log
from console.unread_memo import unread_for
from console.views.guard import page
from console.waiting_memo import waiting_on
from governance.identity.core.roles import Role
from governance.watching.selectors.notices import alarms_now
from governance.watching.selectors.standing import standing_in
from ledger.selectors import jobs, streams
from ledger.selectors.system_facts import troubles_since

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpResponse

    from console.views.visit import Visit
    from ledger.selectors.streams import StreamView

SHOWN = 20
MINE = 50
DAY = timedelta(days=1)
COUNTED = 500
_LATE = frozenset({"stale", "fail"})


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The first page after signing in."""
    mine = visit.principal.namespaces
    found = streams.streams_in(mine, limit=COUNTED)
    reasons = reasons_of(found, standing_in(mine), paused_for(visit.principal), visit.now)
    if reads_log(visit.principal, "events"):
        reasons.append(platform_reason(troubles_since(visit.now - DAY)))
    if Role.PLATFORM_OPERATOR in visit.principal.roles:
        reasons += alarm_reasons(alarms_now(), visit.now)
    asked = jobs.job_rows(mine, jobs.ORDERS["created"].reversed(), None, MINE, {"actor": visit.principal.actor})
    return visit.page(
        "overview/index.html",
        {
            "verdict": verdict(reasons) if found else None,
            "answer": answer(found, visit.now),
            "reasons": reasons if found else [],
            "waits": waits_of(unread_for(visit.person), asked, visit.now, waiting_on(visit.person, visit.now)),
            "rows": rows_of(by_need(found, visit.now)[:SHOWN], visit.now, newest_bundles(mine)),
            "api": api_call("streams"),
        },
    )


def by_need(found: Sequence[StreamView], now: datetime) -> list[StreamView]:
    """Stopped streams first, then those that wait too long, then the newest."""
    rank = {"fail": 1, "stale": 2}
    return sorted(
        found,
        key=lambda one: (
            0 if one.stopped else rank.get(waiting_state(one, now), 3),
            -one.recorded.timestamp(),
        ),
    )


def answer(found: Sequence[StreamView], now: datetime) -> str:
    """The state of everything, in one line: what was counted, not that all is fine."""
    if not found:
        return "There is no stream in your namespaces yet."
    leaves, signed = sum(one.size for one in found), sum(one.signed_size for one in found)
    count = words.counted(leaves, "leaf", "leaves")
    place = words.counted(len(found), "stream")
    told = f"{words.grouped(signed)} of {count} in {place} stand under a signed root."
    return " ".join([told, *_troubles(found, now)])


def _troubles(found: Sequence[StreamView], now: datetime) -> list[str]:
    stopped = [f"{one.namespace}/{one.name}" for one in found if one.stopped]
    late = [one for one in found if not one.stopped and waiting_state(one, now) in _LATE]
    unsigned = [one for one in found if not one.stopped and signed_state(one, now) in _LATE]
    told = [f"Stopped: {words.listed(stopped)}."] if stopped else []
    told += [f"{words.counted(len(late), 'stream has', 'streams have')} waited too long for a window."] if late else []
    told += (
        [f"{words.counted(len(unsigned), 'stream waits', 'streams wait')} too long for a checkpoint."]
        if unsigned
        else []
    )
    return told or ["No stream is stopped and none waits too long for a window."]
