"""A hold stops a change at once, in few taps and without a key; a release puts it into review, with a new lock.

Guarantees that an executor's word given in advance does not survive a hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.actions.draft import checked_reason
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.errors import BodyMalformed, RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change, Hold
from governance.change.selectors.people import may_contain, views
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment

MOST_WORDS = 500


@dataclass(frozen=True, kw_only=True)
class HoldChange(ChangeAction):
    """By its author, or by anybody who decides, witnesses or runs the platform."""

    door = "hold"

    reason: str

    def step(self, row: Change, place: Place) -> Moved:
        """Stop it."""
        require_session(self.by)
        after_step(State(row.state), Step.HOLD)
        reason = _short(self.reason)
        if self.by.actor != row.author and not may_contain(views(self.at.now).get(self.by.actor)):
            raise RoleMissing("A hold takes a role that decides, witnesses or runs the platform", why=self.by.actor)
        Hold.objects.create(change=row, by=self.by.actor, reason=reason, at=self.at.now)
        columns: dict[str, object] = {"ready_at": None, "lost_at": place.now}
        return Moved(ChangeEvent.HELD, {"reason": reason}, Step.HOLD, columns, told=reason)


@dataclass(frozen=True, kw_only=True)
class ReleaseChange(ChangeAction):
    """By whoever held it, or by another person who may stop things and did not write it."""

    door = "release"

    def step(self, row: Change, place: Place) -> Moved:
        """Let it go on, from review."""
        require_session(self.by)
        after_step(State(row.state), Step.RELEASE)
        hold = Hold.objects.select_for_update().get(change=row, released__isnull=True)
        able = self.by.actor != row.author and may_contain(views(self.at.now).get(self.by.actor))
        if self.by.actor != hold.by and not able:
            raise RoleMissing("A hold is released by who set it, or by another who decides", why=self.by.actor)
        hold.released, hold.released_by = self.at.now, self.by.actor
        hold.save(update_fields=["released", "released_by"])
        return Moved(ChangeEvent.RELEASED, {}, Step.RELEASE, {"ready_at": None, "lost_at": place.now})


def _short(reason: str) -> str:
    text = checked_reason(reason)
    if len(text) > MOST_WORDS:
        raise BodyMalformed("The reason is too long", path="$.reason", next_step=f"Use up to {MOST_WORDS}.")
    return text


def hold_change(change_id: str, reason: str, *, by: Principal, at: Moment) -> Change:
    """Stop a change; raises TokenCannotDecide, RoleMissing, TransitionRefused."""
    return HoldChange(change_id=change_id, reason=reason, by=by, at=at).run()


def release_change(change_id: str, *, by: Principal, at: Moment) -> Change:
    """End a hold; raises TokenCannotDecide, RoleMissing, TransitionRefused."""
    return ReleaseChange(change_id=change_id, by=by, at=at).run()
