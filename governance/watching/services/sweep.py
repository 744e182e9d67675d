"""The sweep: streams are observed one by one, those that were seen longest ago first, within a budget of time.

Guarantees that a stream that cannot be observed keeps no other one waiting, and that two sweeps at once never observe
one stream twice: each is held under the lock of its row, and a locked one is passed over.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from governance.identity.moment import Moment
from governance.watching.models import StreamWatch
from governance.watching.services.observe import observe
from governance.watching.services.tell import tell
from ledger.models import Stream
from ledger.selectors.streams import stream_by_id

log = logging.getLogger(__name__)

BUDGET_S = 1.0
PAUSE = timedelta(seconds=15)
AT_MOST = 500


def sweep(now: datetime, budget_s: float = BUDGET_S, clock: Callable[[], float] = time.monotonic) -> int:
    """Observe what is due at `now`, and tell who asked for it; returns how many streams were observed.

    `clock` (seconds) measures the budget; what is left over is first in the next run.
    """
    _enrol()
    end, done = clock() + budget_s, 0
    due = StreamWatch.objects.exclude(checked__gt=now - PAUSE).order_by(F("checked").asc(nulls_first=True), "pk")
    for stream_id in list(due.values_list("pk", flat=True)[:AT_MOST]):
        if clock() >= end:
            break
        done += _safely(stream_id, now)
    return done


def _enrol() -> None:
    """A row for each stream that has none yet."""
    new = Stream.objects.filter(head__isnull=False).exclude(pk__in=StreamWatch.objects.values("pk"))
    rows = [StreamWatch(stream_id=pk) for pk in new.values_list("pk", flat=True)[:AT_MOST]]
    StreamWatch.objects.bulk_create(rows, ignore_conflicts=True)


def _safely(stream_id: int, now: datetime) -> int:
    try:
        return _one(stream_id, now)
    except Exception:
        log.exception("a stream could not be observed", extra={"stream": stream_id})
        StreamWatch.objects.filter(pk=stream_id).update(checked=now)
        return 0


@transaction.atomic
def _one(stream_id: int, now: datetime) -> int:
    rows = StreamWatch.objects.select_for_update(skip_locked=True).filter(pk=stream_id)
    watch = rows.exclude(checked__gt=now - PAUSE).first()
    if watch is None:
        return 0
    stream = stream_by_id(stream_id)
    tell(stream, observe(watch, stream, now), Moment(now, os.urandom))
    return 1
