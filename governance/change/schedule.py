"""How often changes are brought up to date and carried out. Nothing depends on it but how soon it happens."""

from __future__ import annotations

from typing import Any

from ledger.queues import UPKEEP

CHANGES: dict[str, dict[str, Any]] = {
    "settle-changes": {"task": "governance.change.tasks.settle", "schedule": 60.0, "options": {"expires": 60}},
    "carry-out-changes": {"task": "governance.change.tasks.carry_out", "schedule": 20.0, "options": {"expires": 20}},
    "note-time-of-changes": {
        "task": "governance.change.tasks.note_what_time_brought", "schedule": 20.0, "options": {"expires": 20},
    },
}  # fmt: skip
"""For `app.conf.beat_schedule`, beside the ledger's."""

ROUTES = {one["task"]: {"queue": UPKEEP} for one in CHANGES.values()}
