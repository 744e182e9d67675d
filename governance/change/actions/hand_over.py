"""The holder of a key says with the key itself that another one takes its place."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import Moved, Place
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import AlreadySaid, ChangeExpired, KeyRefused, TransitionRefused
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.handing_over import handed_over, is_by_the_old_key
from governance.change.selectors.standing import Standing
from governance.identity.core.governed import KEY_ROTATE


@dataclass(frozen=True, kw_only=True)
class HandOver(Say):
    """Taken while the rotation is in review or waits for its lock; it fills no place."""

    door = "rotate-key"
    verb = Verb.ROTATE_KEY

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Keep it."""
        if row.type != KEY_ROTATE or row.state not in {State.IN_REVIEW, State.TIMELOCKED}:
            raise TransitionRefused("No key is replaced here now", why=f"{row.type}, {row.state}")
        if stands.is_expired:
            raise ChangeExpired("The change has expired")
        if not is_by_the_old_key(stands, self.by.actor, word.row.kid):
            raise KeyRefused(
                "This is not the key that is replaced", why=word.row.kid, next_step="Sign with the one that is."
            )
        if handed_over(stands):
            raise AlreadySaid("The key that is replaced has signed this revision before")
        return Moved(ChangeEvent.KEY_HANDED_OVER, envelope_facts(word), None, {}, word.row)
