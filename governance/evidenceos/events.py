"""The events about data directories in `_governance/changes`, beside those of the changes themselves."""

from __future__ import annotations

from enum import StrEnum


class EvidenceOSEvent(StrEnum):
    """Every name there is."""

    TARGET_CREATED = "evidenceos:target:created"
    TARGET_SET = "evidenceos:target:set"
    TARGET_ADOPTED = "evidenceos:target:adopted"
    DRIFT_ACCEPTED = "evidenceos:drift:accepted"
    PLAN_GIVEN_UP = "evidenceos:plan:given_up"
    HEAD_OBSERVED = "evidenceos:log_key:observed"
