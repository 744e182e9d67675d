"""What of a change's life people are told: one occasion for each event that concerns somebody. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from governance.change.core.states import State
from governance.change.events import ChangeEvent


class Occasion(StrEnum):
    """Every occasion there is; the last six come with time and have no event of their own."""

    SUBMITTED = "submitted"
    EDITED = "edited"
    ASKED = "asked"
    COMMENTED = "commented"
    APPROVED = "approved"
    QUORUM = "quorum"
    QUORUM_LOST = "quorum_lost"
    REJECTED = "rejected"
    VETOED = "vetoed"
    HELD = "held"
    RELEASED = "released"
    STALE = "stale"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    EXECUTED = "executed"
    FAILED = "failed"
    REVERTED = "reverted"
    CONTAINED = "contained"
    FOUNDING_SIGNED = "founding_signed"
    FOUNDED = "founded"
    EMERGENCY_DECLARED = "emergency_declared"
    EMERGENCY_APPLIED = "emergency_applied"
    RATIFIED = "ratified"
    LAPSED = "lapsed"
    READY = "ready"
    UNANSWERED = "unanswered"
    ENDS_SOON = "ends_soon"
    RATIFY_SOON = "ratify_soon"
    FREEZE_LASTS = "freeze_lasts"
    FREEZE_STILL = "freeze_still"


_BY_EVENT: Final = {
    ChangeEvent.SUBMITTED: Occasion.SUBMITTED,
    ChangeEvent.REBASED: Occasion.SUBMITTED,
    ChangeEvent.EDITED: Occasion.EDITED,
    ChangeEvent.ASKED: Occasion.ASKED,
    ChangeEvent.COMMENTED: Occasion.COMMENTED,
    ChangeEvent.REJECTED: Occasion.REJECTED,
    ChangeEvent.VETOED: Occasion.VETOED,
    ChangeEvent.HELD: Occasion.HELD,
    ChangeEvent.RELEASED: Occasion.RELEASED,
    ChangeEvent.STALE: Occasion.STALE,
    ChangeEvent.EXPIRED: Occasion.EXPIRED,
    ChangeEvent.WITHDRAWN: Occasion.WITHDRAWN,
    ChangeEvent.EXECUTED: Occasion.EXECUTED,
    ChangeEvent.FAILED: Occasion.FAILED,
    ChangeEvent.REVERTED: Occasion.REVERTED,
    ChangeEvent.CONTAINED: Occasion.CONTAINED,
    ChangeEvent.FOUNDING_SIGNED: Occasion.FOUNDING_SIGNED,
    ChangeEvent.FOUNDED: Occasion.FOUNDED,
    ChangeEvent.EMERGENCY_DECLARED: Occasion.EMERGENCY_DECLARED,
    ChangeEvent.EMERGENCY_APPLIED: Occasion.EMERGENCY_APPLIED,
    ChangeEvent.EMERGENCY_RATIFIED: Occasion.RATIFIED,
    ChangeEvent.EMERGENCY_LAPSED: Occasion.LAPSED,
}


def occasion_of(event: ChangeEvent, before: State, after: State) -> Occasion | None:
    """What `event`, which moved a change from `before` to `after`, tells people; None where nobody is told.

    The approval that fills the last place is told as the quorum, and a quorum that fell as its loss.
    """
    if event in _BY_EVENT:
        if event is ChangeEvent.EDITED and before is State.DRAFT:
            return None
        return _BY_EVENT[event]
    if before is not after and after is State.TIMELOCKED:
        return Occasion.QUORUM
    if before is State.TIMELOCKED and after is State.IN_REVIEW:
        return Occasion.QUORUM_LOST
    return Occasion.APPROVED if event is ChangeEvent.APPROVED else None
