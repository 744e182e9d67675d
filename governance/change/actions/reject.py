"""A rejection by somebody whose approval would count: it ends the change. Nobody is outvoted into silence."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import Moved, Place
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts, refusal_of
from governance.change.core.quorum import may_approve
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.standing import Standing


@dataclass(frozen=True, kw_only=True)
class Reject(Say):
    """The same people who could approve."""

    door = "reject"
    verb = Verb.REJECT

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """End it."""
        after_step(State(row.state), Step.REJECT)
        person = self.by.actor
        reason = may_approve(stands.rule, stands.subject, stands.people[person], index=stands.index, now=stands.now)
        if reason is not None:
            raise refusal_of(reason, person)
        return Moved(ChangeEvent.REJECTED, envelope_facts(word), Step.REJECT, {"ready_at": None}, word.row)
