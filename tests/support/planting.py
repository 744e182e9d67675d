"""Plants corruption past the product: as the role that owns the tables, with the triggers off for that moment."""

from __future__ import annotations

from typing import Any

import psycopg

Owner = psycopg.Connection[Any]


def plant(owner: Owner, statement: str) -> None:
    """Run one statement that changes something, whichever table it is about; it must change at least one row."""
    words = statement.replace("\n", " ").split()
    table = words[words.index("INTO" if "INTO" in words else "FROM" if words[0] == "DELETE" else "UPDATE") + 1]
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    changed = owner.execute(statement).rowcount
    rows = owner.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
    ).fetchall()
    for (trigger,) in rows:
        owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    assert changed >= 1, statement
