"""How often watching runs, and on which queue."""

from __future__ import annotations

from typing import Any

from ledger.queues import ON_REQUEST, UPKEEP

WATCHING: dict[str, dict[str, Any]] = {
    "watch-streams": {"task": "governance.watching.tasks.sweep", "schedule": 20.0, "options": {"expires": 20}},
    "watch-platform": {"task": "governance.watching.tasks.platform", "schedule": 30.0, "options": {"expires": 30}},
    "tell-changes": {"task": "governance.watching.tasks.tell_changes", "schedule": 5.0, "options": {"expires": 5}},
    "post-webhooks": {"task": "governance.watching.tasks.deliver_posts", "schedule": 15.0, "options": {"expires": 15}},
    "send-mails": {"task": "governance.watching.tasks.deliver", "schedule": 30.0, "options": {"expires": 30}},
}
"""For `app.conf.beat_schedule`, beside the ledger's."""

ROUTES = {
    "governance.watching.tasks.sweep": {"queue": UPKEEP},
    "governance.watching.tasks.platform": {"queue": UPKEEP},
    "governance.watching.tasks.tell_changes": {"queue": UPKEEP},
    "governance.watching.tasks.deliver": {"queue": ON_REQUEST},
    "governance.watching.tasks.deliver_posts": {"queue": ON_REQUEST},
}
"""A sweep has a budget of one second; a mail server or a receiver that is silent keeps no seal waiting."""
