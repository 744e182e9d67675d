"""How often data directories are looked at. What was decided is written at once; this is for what hindered it."""

from __future__ import annotations

from typing import Any

from ledger.queues import UPKEEP

EVIDENCEOS: dict[str, dict[str, Any]] = {
    "tend-data-directories": {
        "task": "governance.evidenceos.tasks.tend", "schedule": 10.0, "options": {"expires": 10},
    },
}  # fmt: skip
"""For `app.conf.beat_schedule`, beside the ledger's."""

ROUTES = {one["task"]: {"queue": UPKEEP} for one in EVIDENCEOS.values()}
