"""Start of a service: which code, which environment and which migrations, as one system event."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from ledger.services.system_events import SystemEvent, record

PACKAGES = ("ledger", "governance", "console")


def record_start(service: str, *, request_id: str = "") -> None:
    """Record that `service` (web, worker, scheduler) started; goes to the spool while the database is
    away.
    """
    told = {
        "service": service,
        "environment": str(settings.COUNTERSIGN_ENV),
        "version": version_hash(),
        "migrations": migration_head(),
    }
    record(SystemEvent.SERVICE_STARTED, told, request_id=request_id)


@cache
def version_hash() -> str:
    """SHA-256 over paths and contents of the product's Python files: what runs, whatever it calls itself."""
    root = Path(__file__).resolve().parents[2]
    total = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root).as_posix()} {digest}\n".encode())
    return total.hexdigest()


def migration_head() -> dict[str, str]:
    """The last applied migration of each of our apps; empty while the database is away."""
    head: dict[str, str] = {}
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Exception:  # noqa: BLE001 - a start is recorded without them rather than not at all
        return head
    for app, name in applied:
        if app in {"ledger", "identity", "change"}:
            head[app] = max(head.get(app, ""), name)
    return head
