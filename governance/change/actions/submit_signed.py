"""A submission that its author signs: for changes that list artefacts which the author's native key signs with it.

Guarantees that what was signed is what goes into review: where the effect has moved since the draft was saved, nothing
is submitted, and the draft is saved and signed again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from governance.change.actions.base import Moved, Place
from governance.change.actions.draft import check_author
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.actions.submit import submitted
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import ContributorExcluded, RevisionMoved
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.standing import Standing


@dataclass(frozen=True, kw_only=True)
class SubmitSigned(Say):
    """Into review, with the author's word and native signatures."""

    door = "submit"
    verb = Verb.SUBMIT

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """The same as a submission; the word and what came beside it stand in its event."""
        after_step(State(row.state), Step.SUBMIT)
        check_author(self.by, row.type, row.tenant, self.at)
        if self.by.actor != stands.revision.by:
            raise ContributorExcluded("Whoever wrote the text signs it", why=stands.revision.by)
        moved = submitted(row, place, Step.SUBMIT, ChangeEvent.SUBMITTED, by=self.by, at=self.at)
        if moved.columns.get("revision") != row.revision:
            raise RevisionMoved(
                "The effect has moved since the draft was saved", next_step="Save it, and sign it again."
            )
        return replace(moved, word=word.row, facts={**moved.facts, **envelope_facts(word)})
