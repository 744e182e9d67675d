"""The states of a change and the only steps between them.

Guarantees that a step that the table does not name is refused, that terminal states absorb, and that READY is
never stored: it follows from the clock and a full re-check, so that no schedule can be skipped. Follows the
governance reference, section 5.
"""

from __future__ import annotations

from enum import StrEnum

from governance.change.errors import TransitionRefused


class State(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    TIMELOCKED = "timelocked"
    HELD = "held"
    STALE = "stale"
    APPLIED_PROVISIONAL = "applied_provisional"
    APPLIED = "applied"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    VETOED = "vetoed"
    EXPIRED = "expired"
    RATIFIED = "ratified"
    LAPSED = "lapsed"


class Step(StrEnum):
    """What moves a change from one state to the next."""

    EDIT = "edit"
    SUBMIT = "submit"
    QUORUM = "quorum"
    QUORUM_LOST = "quorum_lost"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    VETO = "veto"
    HOLD = "hold"
    RELEASE = "release"
    BASE_MOVED = "base_moved"
    REBASE = "rebase"
    EXPIRE = "expire"
    EXECUTE = "execute"
    FAIL = "fail"
    DECLARE = "declare"
    RATIFY = "ratify"
    LAPSE = "lapse"
    CONTAIN = "contain"
    REVERT = "revert"
    FOUND = "found"


TERMINAL = frozenset({
    State.APPLIED, State.FAILED, State.REJECTED, State.WITHDRAWN, State.VETOED, State.EXPIRED, State.RATIFIED,
    State.LAPSED,
})  # fmt: skip
LIVE = frozenset({State.IN_REVIEW, State.TIMELOCKED, State.HELD, State.STALE})
"""Submitted and not ended: what freezes, expiry and vetoes act on."""

_ENDS = {
    Step.WITHDRAW: State.WITHDRAWN,
    Step.VETO: State.VETOED,
    Step.EXPIRE: State.EXPIRED,
}
TABLE: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.EDIT): State.DRAFT,
    (State.DRAFT, Step.SUBMIT): State.IN_REVIEW,
    (State.DRAFT, Step.WITHDRAW): State.WITHDRAWN,
    (State.DRAFT, Step.DECLARE): State.APPLIED_PROVISIONAL,
    (State.DRAFT, Step.CONTAIN): State.APPLIED,
    (State.DRAFT, Step.REVERT): State.APPLIED,
    (State.DRAFT, Step.FOUND): State.APPLIED,
    (State.IN_REVIEW, Step.EDIT): State.IN_REVIEW,
    (State.IN_REVIEW, Step.QUORUM): State.TIMELOCKED,
    (State.IN_REVIEW, Step.REJECT): State.REJECTED,
    (State.IN_REVIEW, Step.HOLD): State.HELD,
    (State.IN_REVIEW, Step.BASE_MOVED): State.STALE,
    (State.TIMELOCKED, Step.EDIT): State.IN_REVIEW,
    (State.TIMELOCKED, Step.QUORUM_LOST): State.IN_REVIEW,
    (State.TIMELOCKED, Step.REJECT): State.REJECTED,
    (State.TIMELOCKED, Step.HOLD): State.HELD,
    (State.TIMELOCKED, Step.BASE_MOVED): State.STALE,
    (State.TIMELOCKED, Step.EXECUTE): State.APPLIED,
    (State.TIMELOCKED, Step.FAIL): State.FAILED,
    (State.HELD, Step.RELEASE): State.IN_REVIEW,
    (State.HELD, Step.REJECT): State.REJECTED,
    (State.STALE, Step.REBASE): State.IN_REVIEW,
    (State.APPLIED_PROVISIONAL, Step.RATIFY): State.RATIFIED,
    (State.APPLIED_PROVISIONAL, Step.LAPSE): State.LAPSED,
    **{(state, step): end for state in LIVE for step, end in _ENDS.items()},
}
"""A thaw releases into review: whether quorum still stands is decided again, and the lock begins anew. CONTAIN is one
signed word that only restricts, REVERT the declared way back of what was just applied, FOUND the genesis.
"""


def after(state: State, step: Step) -> State:
    """Where `step` leads from `state`; raises TransitionRefused where the table names no such step."""
    found = TABLE.get((state, step))
    if found is None:
        raise TransitionRefused("The change cannot take this step", why=f"{step.value} while {state.value}")
    return found


def steps_from(state: State) -> tuple[Step, ...]:
    """The steps that are possible at all, in the order of their names."""
    return tuple(sorted(step for before, step in TABLE if before is state))
