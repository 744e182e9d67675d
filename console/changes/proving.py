"""What readers far from this server can prove of a change, and in which bundles it travels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from governance.change.core.naming import WRITES
from governance.change.core.policy_text import rule_of
from governance.change.core.states import LIVE, State
from governance.change.selectors.proving import lock_words

if TYPE_CHECKING:
    from governance.change.selectors.changes import ChangeView

_NAMED: Final = frozenset().union(*WRITES.values())
_TRAVELS: Final = (
    "Every bundle of the stream whose leaves name this change carries it: what was signed, the policy, and the keys of "
    "who signed. Decisions of others stay commitments there."
)
_EXPORTED: Final = "No leaf of a stream names it: it travels in the governance export alone."
_AHEAD: Final = (
    "A reader can prove the time lock where witnesses cosign the log of decisions behind the approvals, and again when "
    "the lock is over, before it is carried out."
)


def proofs(change: ChangeView) -> list[str]:
    """In sentences; nothing of a change that has ended without an effect."""
    state, lock = change.listed.state, rule_of(change.current.rule).lock_s
    if state not in LIVE and state not in {State.APPLIED, State.RATIFIED}:
        return []
    found = [_TRAVELS if change.listed.type in _NAMED else _EXPORTED]
    if lock and change.reverts is None:
        found.append(f"The time lock. {lock_words(change.listed.id, lock)}" if state is State.APPLIED else _AHEAD)
    return found
