"""A stale change goes into review again: the same text, a new effect, a new revision, no signatures (R15)."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.actions.draft import check_author
from governance.change.actions.submit import submitted
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class Rebase(ChangeAction):
    """Whoever rebases writes a revision, and is a contributor."""

    door = "rebase"

    def step(self, row: Change, place: Place) -> Moved:
        """Compute the effect anew."""
        require_session(self.by)
        after_step(State(row.state), Step.REBASE)
        check_author(self.by, row.type, row.tenant, self.at)
        return submitted(row, place, Step.REBASE, ChangeEvent.REBASED, by=self.by, at=self.at)


def rebase_change(change_id: str, *, revision: int, by: Principal, at: Moment) -> Change:
    """Put a stale change into review; raises EffectRefused where its effect is no longer possible."""
    return Rebase(change_id=change_id, revision=revision, by=by, at=at).run()
