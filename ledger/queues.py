"""The queues: what keeps the ledger's promises never waits behind what somebody asked for.

Exports run as long as a bundle takes; seals, sweeps and the spool run on a queue of their own, served by a worker
process of their own (console/supervisor/programs.py, docs/operations.md).
"""

from __future__ import annotations

UPKEEP = "upkeep"
"""Seals, heads, sweeps, spool: everything that the schedule asks for."""
ON_REQUEST = "celery"
"""Celery's default queue: what people and programs ask for, such as exports, imports and verifications."""

ROUTES = {
    **{
        f"ledger.tasks.run_{kind}": {"queue": ON_REQUEST}
        for kind in ("export", "retention", "verify", "import", "seal")
    },
    "ledger.tasks.*": {"queue": UPKEEP},
}
"""For `app.conf.task_routes`; the first pattern that fits decides."""
