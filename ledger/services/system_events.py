"""System events: what happened to the platform itself, as events of `_system/events`.

Guarantees that a record is made also while the database is away or a transaction is open that may be rolled
back: it goes to the spool and is entered afterwards, with the time it was noted as its own time. Denials of
known callers are recorded one by one, those of nobody known are summed per minute.
"""

from __future__ import annotations

import logging
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject
from ledger.errors import LedgerError
from ledger.selectors.streams import stream
from ledger.services import denials, spool
from ledger.services.append import append_events
from ledger.services.ids import fresh_id
from ledger.services.system_event import SystemEvent

__all__ = ["SystemEvent", "flush_spool", "record", "record_denial"]

log = logging.getLogger(__name__)

STREAM = ("_system", "events")
ACTOR = "system"
_AWAY = (DatabaseError, psycopg.Error, LedgerError)
_BATCH = 1_000


def record(kind: SystemEvent, payload: dict[str, Any], *, request_id: str = "") -> None:
    """Record an event now, or in the spool where the ledger cannot take it; never raises for the ledger's
    sake.
    """
    told: JSONObject = cast("JSONObject", payload | ({"request_id": request_id} if request_id else {}))
    if connection.in_atomic_block:
        spool.note(kind, told)
        return
    try:
        append_events(stream(*STREAM), [_event(kind, told, str(fresh_id()), None)], actor=ACTOR)
    except _AWAY as error:
        log.warning("system event %s goes to the spool: %s", kind, error)
        spool.note(kind, told)


def record_denial(*, code: str, actor: str | None, door: str, request_id: str = "") -> None:
    """Record that `actor` was refused with `code` at `door`; callers nobody knows (None) are summed per
    minute.
    """
    if actor is not None:
        told = {"code": code, "actor": actor, "door": door}
        record(SystemEvent.REQUEST_DENIED, told, request_id=request_id)
        return
    try:
        denials.tally(code, door)
    except _AWAY:
        spool.note(SystemEvent.REQUESTS_DENIED, {"counts": [{"code": code, "door": door, "count": 1}]})


def flush_spool() -> int:
    """Enter what the spool holds, oldest first; returns how many. What was entered before a crash is not
    entered twice.
    """
    if spool.is_empty():
        return 0
    reading = spool.read()
    events = [_event(one.type, one.payload, one.id, one.noted) for one in reading.records]
    if reading.broken:
        told: JSONObject = {"broken_lines": reading.broken, "records": len(events)}
        events.append(_event(SystemEvent.SPOOL_BROKEN, told, str(fresh_id()), None))
    target = stream(*STREAM)
    for first in range(0, len(events), _BATCH):
        append_events(target, events[first : first + _BATCH], actor=ACTOR)
    spool.forget(reading.length)
    return len(events)


def _event(kind: str, payload: JSONObject, event_id: str, time: str | None) -> RawEvent:
    source = str(settings.COUNTERSIGN_PUBLIC_NAME)
    return RawEvent(type=str(kind), id=event_id, source=source, payload=canonical(payload), time=time)
