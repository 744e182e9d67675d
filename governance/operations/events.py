"""The events that operations write into `_governance/changes`, named `source:subject:action`.

Guarantees that there is no such mutation without one of these names; subjects are public ids.
"""

from __future__ import annotations

from enum import StrEnum


class OperationsEvent(StrEnum):
    """Every name there is."""

    PUBLICITY_SET = "operations:stream:publicity_set"
    RELIANCE_PAUSED = "operations:reliance:paused"
    RELIANCE_RESUMED = "operations:reliance:resumed"
