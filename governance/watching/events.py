"""The events that watching writes into `_governance/changes`, named `source:subject:action`."""

from __future__ import annotations

from enum import StrEnum


class WatchingEvent(StrEnum):
    """Every name there is."""

    SUBSCRIBED = "watching:subscription:created"
    UNSUBSCRIBED = "watching:subscription:ended"
    WEBHOOK_SET = "watching:webhook:set"
    WEBHOOK_ENDED = "watching:webhook:ended"
