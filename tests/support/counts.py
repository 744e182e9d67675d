"""What a refused request must leave as it was: the number of rows of every table of evidence."""

from __future__ import annotations

from django.db import connection

_EVIDENCE = (
    "ledger_stream",
    "ledger_leaf",
    "ledger_object",
    "ledger_eventindex",
    "ledger_window",
    "ledger_checkpoint",
    "ledger_receipt",
    "ledger_idempotency",
    "ledger_job",
    "ledger_bundle",
    "ledger_signingkey",
)


def rows_of(namespace: str) -> dict[str, int]:
    """Rows of every table, leaves only of one namespace: denials are recorded elsewhere, and shall be."""
    with connection.cursor() as cursor:
        found: dict[str, int] = {}
        for table in _EVIDENCE:
            cursor.execute(_statement(table), {"namespace": namespace})
            found[table] = cursor.fetchone()[0]
    return found


def _statement(table: str) -> str:
    if table == "ledger_stream":
        return "SELECT count(*) FROM ledger_stream WHERE namespace = %(namespace)s"
    if table in {"ledger_idempotency", "ledger_job"}:
        return f"SELECT count(*) FROM {table} WHERE namespace = %(namespace)s"  # noqa: S608 - names of our own tables
    streams = "SELECT id FROM ledger_stream WHERE namespace = %(namespace)s"
    return f"SELECT count(*) FROM {table} WHERE stream_id IN ({streams})"  # noqa: S608 - names of our own tables
