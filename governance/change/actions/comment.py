"""A remark on a revision, by anybody who may see the change. It moves nothing."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.actions.draft import checked_reason
from governance.change.events import ChangeEvent
from governance.change.models import Change, Comment
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class CommentOn(ChangeAction):
    """`text` is kept as it was written, and is nowhere interpreted."""

    door = "comment"

    text: str

    def step(self, row: Change, place: Place) -> Moved:
        """One row."""
        require_session(self.by)
        text = checked_reason(self.text)
        Comment.objects.create(change=row, revision=row.revision, by=self.by.actor, text=text, at=self.at.now)
        return Moved(ChangeEvent.COMMENTED, {"comment": text})


def comment_on(change_id: str, text: str, *, by: Principal, at: Moment) -> Change:
    """Say something; raises TokenCannotDecide, BodyMalformed, ChangeUnknown. Comments stay open after the end."""
    return CommentOn(change_id=change_id, text=text, by=by, at=at).run()
