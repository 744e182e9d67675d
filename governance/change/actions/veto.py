"""A veto: containment by anybody who decides or witnesses, contributor or not. It ends the change."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import Moved, Place
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.people import may_contain, views
from governance.change.selectors.standing import Standing


@dataclass(frozen=True, kw_only=True)
class Veto(Say):
    """Taken in every state in which the change lives."""

    door = "veto"
    verb = Verb.VETO

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """End it."""
        after_step(State(row.state), Step.VETO)
        if not may_contain(views(self.at.now).get(self.by.actor)):
            raise RoleMissing("A veto takes a role that decides or witnesses", why=self.by.actor)
        return Moved(ChangeEvent.VETOED, envelope_facts(word), Step.VETO, {"ready_at": None}, word.row)
