"""System events: what happened to the platform itself, as events of `_system/events`.

Guarantees that a record is made also while the database is away or a transaction is open that may be rolled
back: it goes to the spool and is entered afterwards, with the time it was noted as its own time. Denials of
known callers are recorded one by one, those of nobody known are summed per minute.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError
from ledger.models import Watermark
from ledger.selectors.streams import written_to
from ledger.services import denials, spool
from ledger.services.append import append_events
from ledger.services.ids import fresh_id
from ledger.services.receipt_pending import ReceiptPending
from ledger.services.strangers import strangers
from ledger.services.system_event import SystemEvent

__all__ = ["SystemEvent", "flush_spool", "record", "record_denial"]

log = logging.getLogger(__name__)

STREAM = ("_system", "events")
ACTOR = "system"
_AWAY = (DatabaseError, psycopg.Error, LedgerError)
_BATCH = 1_000
MAX_ASKED = 64


def record(kind: SystemEvent, payload: dict[str, Any], *, request_id: str = "") -> None:
    """Record an event now, or in the spool where the ledger cannot take it; never raises for the ledger's
    sake.
    """
    told: JSONObject = cast("JSONObject", payload | ({"request_id": request_id} if request_id else {}))
    if connection.in_atomic_block:
        spool.note(kind, told)
        return
    try:
        append_events(written_to(*STREAM), [_event(kind, told, str(fresh_id()), None)], actor=ACTOR)
    except ReceiptPending:
        return  # kept; nobody waits for its receipt
    except _AWAY as error:
        log.warning("system event %s goes to the spool: %s", kind, error)
        spool.note(kind, told)


def record_denial(
    *,
    code: str,
    actor: str | None,
    door: str,
    request_id: str = "",
    reason: str = "",
    asked: Mapping[str, str] | None = None,
) -> None:
    """Record that `actor` was refused with `code` at `door`; callers nobody knows (None) are summed per minute.

    `reason` is what the answer did not tell, `asked` the names that were asked for; both only where known.
    """
    if actor is not None:
        more = {"reason": reason, "asked": {name: text[:MAX_ASKED] for name, text in (asked or {}).items()}}
        told = {"code": code, "actor": actor, "door": door, **{name: fact for name, fact in more.items() if fact}}
        record(SystemEvent.REQUEST_DENIED, told, request_id=request_id)
        return
    try:
        denials.tally(code, door, reason)
    except _AWAY:
        strangers.add(code, door, reason)


def flush_spool() -> int:
    """Enter what the spool holds, oldest first; returns how many. What was entered before a crash is not entered
    twice, what lacks or is not ours is told, and of two flushers at once one does nothing.
    """
    with spool.entering() as alone:
        return _enter(spool.read(), _entered()) if alone else 0


def _enter(reading: spool.Reading, entered: str) -> int:
    events = [_event(one.type, one.payload, one.id, one.noted) for one in reading.records]
    if (told := _broken(reading, entered)) is not None:
        events.append(_event(SystemEvent.SPOOL_BROKEN, told, str(fresh_id()), None))
    if not events:
        return 0
    target = written_to(*STREAM)
    for first in range(0, len(events), _BATCH):
        with suppress(ReceiptPending):  # kept; nobody waits for these receipts
            append_events(target, events[first : first + _BATCH], actor=ACTOR)
    spool.keep_aside(reading.foreign)
    Watermark.objects.create(name=spool.name(), digest=reading.last)
    spool.forget(reading, entered=reading.last)
    return len(events)


def _entered() -> str:
    """The hash of the last record of this machine's spool that the ledger took."""
    marks = Watermark.objects.filter(name=spool.name()).order_by("-id")
    return marks.values_list("digest", flat=True).first() or spool.START


def _broken(reading: spool.Reading, entered: str) -> JSONObject | None:
    lacks = {"front": reading.misses_front(entered), "tail": reading.misses_tail}
    if not reading.broken and not any(lacks.values()):
        return None
    lines: list[JSON] = [place for place, is_missing in lacks.items() if is_missing]
    return {"broken_lines": reading.broken, "records": len(reading.records), "missing": lines}


def _event(kind: str, payload: JSONObject, event_id: str, time: str | None) -> RawEvent:
    source = str(settings.COUNTERSIGN_PUBLIC_NAME)
    return RawEvent(type=str(kind), id=event_id, source=source, payload=canonical(payload), time=time)
