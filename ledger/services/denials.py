"""The tally of denials: one row per minute, reason and door, entered into `_system/events` when the minute is
over.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction

from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSON, JSONObject
from ledger.services.append import append_within
from ledger.services.ids import fresh_id
from ledger.services.system_event import SystemEvent

MAX_NAME = 64
_BETWEEN = ":"
_TALLY = """
INSERT INTO ledger_denialtally AS held (minute, reason, door, count)
VALUES (date_trunc('minute', clock_timestamp()), %s, %s, 1)
ON CONFLICT (minute, reason, door) DO UPDATE SET count = held.count + 1
"""
_TAKE = """
DELETE FROM ledger_denialtally
WHERE minute = (
    SELECT min(minute) FROM ledger_denialtally WHERE minute < date_trunc('minute', clock_timestamp()))
RETURNING minute, reason, door, count
"""


def tally(code: str, door: str, reason: str = "") -> None:
    """Count one denial in the current minute of the database; a `reason` beside the code gets a row of its own."""
    named = f"{code}{_BETWEEN}{reason}" if reason else code
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, (named[:MAX_NAME], door[:MAX_NAME]))


def counted(code: str, reason: str, door: str, count: int) -> JSONObject:
    """One line of the sum."""
    told: JSONObject = {"code": code, "door": door, "count": count}
    return {**told, "reason": reason} if reason else told


def flush() -> int:
    """Enter each minute that is over as one event, in the transaction that removes its rows; returns how
    many.
    """
    entered = 0
    while _flush_minute():
        entered += 1
    return entered


def _flush_minute() -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE)
        rows = sorted(cursor.fetchall())
        if not rows:
            return False
        named = [(*row[1].partition(_BETWEEN)[::2], row[2], row[3]) for row in rows]
        counts: list[JSON] = [counted(*one) for one in named]
        told: JSONObject = {"minute": rows[0][0].isoformat(), "counts": counts}
        event = RawEvent(
            type=SystemEvent.REQUESTS_DENIED, id=str(fresh_id()),
            source=str(settings.COUNTERSIGN_PUBLIC_NAME),
            payload=canonical(told), time=rows[0][0].isoformat(),
        )  # fmt: skip
        append_within(cursor, "_system", "events", [event], actor="system")
        return True
