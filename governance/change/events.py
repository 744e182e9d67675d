"""The events that governed change writes into `_governance/changes`, named `change:<subject>:<action>`.

Guarantees that each step of a change has exactly one of these names; subjects are public ids of changes.
"""

from __future__ import annotations

from enum import StrEnum


class ChangeEvent(StrEnum):
    """Every name there is."""

    DRAFTED = "change:proposal:drafted"
    EDITED = "change:proposal:edited"
    SUBMITTED = "change:proposal:submitted"
    COMMENTED = "change:proposal:commented"
    WITHDRAWN = "change:proposal:withdrawn"
    STALE = "change:proposal:stale"
    REBASED = "change:proposal:rebased"
    EXPIRED = "change:proposal:expired"
    SETTLED = "change:proposal:settled"
    HELD = "change:proposal:held"
    RELEASED = "change:proposal:released"
    ASKED = "change:proposal:asked"
    APPROVED = "change:word:approved"
    REJECTED = "change:word:rejected"
    APPROVAL_REVOKED = "change:word:approval_revoked"
    VETOED = "change:word:vetoed"
    SIGNED_IN_ADVANCE = "change:word:signed_in_advance"
    KEY_HANDED_OVER = "change:word:key_handed_over"
    EXECUTED = "change:effect:executed"
    FAILED = "change:effect:failed"
    REVERTED = "change:effect:reverted"
    CONTAINED = "change:effect:contained"
    FOUNDED = "change:effect:founded"
    FOUNDING_SIGNED = "change:word:founding_signed"
    EMERGENCY_DECLARED = "change:word:emergency_declared"
    EMERGENCY_APPLIED = "change:effect:applied_provisionally"
    EMERGENCY_RATIFIED = "change:word:emergency_ratified"
    EMERGENCY_LAPSED = "change:effect:lapsed"
    INCIDENT_NOTED = "change:incident:noted"


class IncidentEvent(StrEnum):
    """Incidents that were opened by themselves, outside of every change; subjects are their public ids.

    They do not begin with `change:`, because they are no steps of a change: nothing that judges changes reads them.
    """

    OPENED = "governance:incident:opened"
    NOTED = "governance:incident:noted"
    CLOSED = "governance:incident:closed"
