"""Somebody who could fill an empty place now is asked to sign. The link that is sent never approves."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.core.states import State
from governance.change.errors import AlreadySaid, NotApprover, TransitionRefused
from governance.change.events import ChangeEvent
from governance.change.models import Ask, Change
from governance.change.selectors.standing import standing
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class AskToSign(ChangeAction):
    """`person` must be one whom an empty place names."""

    door = "ask"

    person: str

    def step(self, row: Change, place: Place) -> Moved:
        """One row for each person and revision."""
        require_session(self.by)
        if row.state != State.IN_REVIEW:
            raise TransitionRefused("Nobody can be asked to sign now", why=f"the change is {row.state}")
        slots = standing(row, index=place.index, now=place.now).quorum.slots
        group = next((slot.group for slot in slots if self.person in slot.could), None)
        if group is None:
            raise NotApprover("They could not sign now", why=self.person)
        if Ask.objects.filter(change=row, revision=row.revision, person=self.person).exists():
            raise AlreadySaid("They have been asked already", why=self.person)
        Ask.objects.create(
            change=row, revision=row.revision, group=group, person=self.person, by=self.by.actor, at=self.at.now
        )  # fmt: skip
        return Moved(ChangeEvent.ASKED, {"person": self.person, "group": group})


def ask_to_sign(change_id: str, person: str, *, by: Principal, at: Moment) -> Change:
    """Ask `person` (`person:<uuid>`); raises NotApprover, AlreadySaid, TransitionRefused."""
    return AskToSign(change_id=change_id, person=person, by=by, at=at).run()
