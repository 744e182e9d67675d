"""How often identity runs in the background, and on which queue."""

from __future__ import annotations

from typing import Any

from ledger.queues import ON_REQUEST, UPKEEP

IDENTITY: dict[str, dict[str, Any]] = {
    "send-account-mails": {"task": "governance.identity.tasks.deliver", "schedule": 30.0, "options": {"expires": 30}},
    "tidy-sessions": {"task": "governance.identity.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
}
"""For `app.conf.beat_schedule`, beside the ledger's."""

ROUTES = {
    "governance.identity.tasks.deliver": {"queue": ON_REQUEST},
    "governance.identity.tasks.tidy": {"queue": UPKEEP},
}
