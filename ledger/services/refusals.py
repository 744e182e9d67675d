"""Refusals of the append-only tables, brought into `_system/events`.

A trigger's refusal rolls its own record back, so it only counts in the sequence `ledger_refusals`, which
survives; the sweep records what was counted since the last event that tells the counter, exactly once. No table
remembers how far it looked, so that nothing but the ledger itself could be changed to silence it. A counter below
what an event told is itself told: somebody set it back. (After a crash of PostgreSQL the sequence may run ahead by
up to 32.) The runtime role is refused earlier, by its rights: then the caller records SQLSTATE 42501 with
`record_insufficient`.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import connection, transaction

from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.strict_json import parse
from ledger.core.types import JSONObject
from ledger.errors import LedgerError
from ledger.models import EventIndex
from ledger.selectors import leaves
from ledger.selectors.streams import stream
from ledger.services.append import append_within
from ledger.services.ids import fresh_id
from ledger.services.system_events import STREAM, SystemEvent, record

INSUFFICIENT_PRIVILEGE = "42501"
LOOKED_THROUGH = 1_000
_COUNTED = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals"
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('ledger_refusals', 0))"


def sweep_refusals() -> int:
    """Record the refusals since the last sweep as one event; returns how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ALONE)
        told = _told()
        cursor.execute(_COUNTED)
        counted = int(cursor.fetchone()[0])
        if counted == told:
            return 0
        facts: JSONObject = {"count": max(0, counted - told), "counter": counted, "refused_by": "trigger"}
        if counted < told:
            facts |= {"counter_told_before": told}
        event = RawEvent(
            type=SystemEvent.APPEND_ONLY_REFUSED, id=str(fresh_id()),
            source=str(settings.COUNTERSIGN_PUBLIC_NAME), payload=canonical(facts),
        )  # fmt: skip
        append_within(cursor, *STREAM, [event], actor="system")
        return max(0, counted - told)


def record_insufficient(error: BaseException, *, door: str, request_id: str = "") -> bool:
    """Record that the runtime role was refused a right on a table; False where `error` is something else."""
    refused = next((one for one in _causes(error) if getattr(one, "sqlstate", None) == INSUFFICIENT_PRIVILEGE), None)
    if refused is None:
        return False
    told = {
        "refused_by": "role",
        "sqlstate": INSUFFICIENT_PRIVILEGE,
        "door": door,
        "reason": str(refused)[:500],
    }
    record(SystemEvent.APPEND_ONLY_REFUSED, told, request_id=request_id)
    return True


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _told() -> int:
    """The counter in the newest event that tells it; 0 where none is found, so that too much is told and not less."""
    target = stream(*STREAM)
    rows = EventIndex.objects.filter(stream_id=target.id, type=SystemEvent.APPEND_ONLY_REFUSED).order_by("-index")
    for index in rows.values_list("index", flat=True)[:LOOKED_THROUGH]:
        try:
            facts = parse(leaves.event(target, index).payload or b"null")
        except LedgerError:  # altered or erased: an older one decides, and too much is told
            continue
        if isinstance(facts, dict) and facts.get("refused_by") == "trigger":
            return int(str(facts["counter"]))
    return 0
