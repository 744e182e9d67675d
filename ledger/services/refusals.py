"""Refusals of the append-only tables, brought into `_system/events`.

A trigger's refusal rolls its own record back, so it only counts in the sequence `ledger_refusals`, which
survives; the sweep records what was counted since it last looked, exactly once. (After a crash of PostgreSQL
the sequence may run ahead by up to 32.) The runtime role is refused earlier, by its rights: then the caller
records SQLSTATE 42501 with `record_insufficient`.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction

from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.models import Watermark
from ledger.services.append import append_within
from ledger.services.ids import fresh_id
from ledger.services.system_events import SystemEvent, record

WATERMARK = "append_only_refusals"
INSUFFICIENT_PRIVILEGE = "42501"
_COUNTED = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals"


def sweep_refusals() -> int:
    """Record the refusals since the last sweep as one event; returns how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        Watermark.objects.get_or_create(name=WATERMARK)
        seen = Watermark.objects.select_for_update().get(name=WATERMARK)
        cursor.execute(_COUNTED)
        counted = int(cursor.fetchone()[0])
        count = counted - seen.value
        if count <= 0:
            return 0
        event = RawEvent(
            type=SystemEvent.APPEND_ONLY_REFUSED, id=str(fresh_id()),
            source=str(settings.COUNTERSIGN_PUBLIC_NAME),
            payload=canonical({"count": count, "counter": counted, "refused_by": "trigger"}),
        )  # fmt: skip
        append_within(cursor, "_system", "events", [event], actor="system")
        Watermark.objects.filter(name=WATERMARK).update(value=counted)
        return count


def record_insufficient(error: BaseException, *, door: str, request_id: str = "") -> bool:
    """Record that the runtime role was refused a right on a table; False where `error` is something else."""
    cause = error.__cause__ if error.__cause__ is not None else error
    if getattr(cause, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
        return False
    told = {
        "refused_by": "role",
        "sqlstate": INSUFFICIENT_PRIVILEGE,
        "door": door,
        "reason": str(cause)[:500],
    }
    record(SystemEvent.APPEND_ONLY_REFUSED, told, request_id=request_id)
    return True
