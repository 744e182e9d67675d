"""An approval is taken back: where the quorum falls with it, the lock is cleared and begins anew with the next."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.approve import quorum_facts
from governance.change.actions.base import Moved, Place
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.states import State, Step
from governance.change.core.verbs import Verb
from governance.change.errors import NothingSaid, TransitionRefused
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.standing import Standing, standing


@dataclass(frozen=True, kw_only=True)
class RevokeApproval(Say):
    """One's own, of this revision."""

    door = "revoke-approval"
    verb = Verb.REVOKE_APPROVAL

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Take it back."""
        if row.state not in {State.IN_REVIEW, State.TIMELOCKED}:
            raise TransitionRefused("An approval cannot be taken back now", why=f"the change is {row.state}")
        if self.by.actor not in stands.approvers:
            raise NothingSaid("No approval of yours counts here", why=self.by.actor)
        more = [word.spoken(place.index, place.now)]
        judged = standing(row, index=place.index, now=place.now, more=more, people=stands.people)
        facts = {**envelope_facts(word), "quorum": quorum_facts(judged)}
        if judged.quorum.met or row.state == State.IN_REVIEW:
            return Moved(ChangeEvent.APPROVAL_REVOKED, facts, None, {"ready_at": judged.ready_at}, word.row)
        columns: dict[str, object] = {"ready_at": None, "lost_at": place.now}
        return Moved(ChangeEvent.APPROVAL_REVOKED, facts, Step.QUORUM_LOST, columns, word.row)
