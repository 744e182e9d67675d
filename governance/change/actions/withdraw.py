"""The author takes a change back."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.errors import RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class Withdraw(ChangeAction):
    """Taken in every state in which the change lives, and as a draft."""

    door = "withdraw"

    def step(self, row: Change, place: Place) -> Moved:
        """End it."""
        require_session(self.by)
        after_step(State(row.state), Step.WITHDRAW)
        if self.by.actor != row.author:
            raise RoleMissing("Only its author takes a change back", next_step="Reject or veto it.")
        return Moved(ChangeEvent.WITHDRAWN, {}, Step.WITHDRAW, {"ready_at": None})


def withdraw_change(change_id: str, *, by: Principal, at: Moment) -> Change:
    """Take it back; raises TokenCannotDecide, RoleMissing, TransitionRefused."""
    return Withdraw(change_id=change_id, by=by, at=at).run()
