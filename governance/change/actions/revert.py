"""The declared way back: within the observation window one executor applies exactly what was signed as the revert.

Guarantees that nothing else comes this way: kind and body are those that the approvers signed beside the effect, and
the document is still as the change left it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from governance.change.actions.base import Moved, Place, check_exists_for, denied, found, require_session
from governance.change.actions.draft import Draft
from governance.change.actions.execute import check_frozen, drifted, effect_facts
from governance.change.actions.hearing import Heard
from governance.change.actions.native import all_made
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeStale, ConcernedExcluded, NoWayBack, RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change, Revision
from governance.change.selectors.caps import check_caps
from governance.change.selectors.people import may_execute, views
from governance.change.selectors.standing import Standing, current
from governance.change.types import change_type
from governance.change.types.base import Applying, carry_out, check_gate
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject
from ledger.errors import RequestError


@dataclass(frozen=True, kw_only=True)
class Revert(Say):
    """The signature stands over the draft of the way back."""

    door = "revert"
    verb = Verb.REVERT

    def before(self, row: Change) -> None:
        """Lock the rows of the document before the head of the record, and ask the kind's checks: time has passed."""
        _check_once(row)
        kind, body = change_type(row.type), current(row).body
        check_gate(kind, kind.base(body, lock=True), body, back=True)

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Apply it."""
        after_step(State(row.state), Step.REVERT)
        person = self.by.actor
        if not may_execute(views(self.at.now).get(person), row.tenant, low=False):
            raise RoleMissing("This takes the role executor", why=person)
        if person in stands.subject.concerned:
            raise ConcernedExcluded("Nobody carries out a change to their own roles or keys", why=person)
        check_frozen(row)
        _check_way_back(row, stands, place)
        told = stands.revision
        made = all_made(row, told, place.index, word.native)
        carry_out(change_type(row.type), told.base, told.body, Applying(row.key, self.by, self.at, native=made))
        facts: JSONObject = {
            "execution": envelope_facts(word), **effect_facts(stands), "executor": person, "reverts": str(row.reverts),
        }  # fmt: skip
        return Moved(ChangeEvent.REVERTED, facts, Step.REVERT, {"executor": person}, word.row)


def _check_once(row: Change) -> None:
    """Raise NoWayBack where another draft of the same way back was applied."""
    if row.reverts is not None and taken_back(row.reverts):
        raise NoWayBack("It was taken back already", why=str(row.reverts))


def _check_way_back(row: Change, stands: Standing, place: Place) -> None:
    _check_once(row)
    original = found(str(row.reverts)) if row.reverts is not None else None
    if original is None or original.state != State.APPLIED or original.observe_until is None:
        raise NoWayBack("There is no applied change with a way back")
    if place.now > original.observe_until:
        raise NoWayBack("The observation window is over", why=f"by {place.now - original.observe_until:,} seconds")
    applied = current(original)
    if applied.way_back != {"type": row.type, "body": stands.revision.body}:
        raise NoWayBack("This is not the way back that was signed")
    if drift := drifted(stands):
        raise ChangeStale("What the revert starts from has moved", why=drift, next_step="Draft it again.")
    if _state_moved(applied, stands):
        raise NoWayBack("The state is no longer the one that was applied")
    check_caps(stands, takes_back=original)


def _state_moved(applied: Revision, stands: Standing) -> bool:
    return bool(applied.result != stands.revision.base)


def taken_back(original: UUID) -> bool:
    """Whether a way back of this change was applied."""
    return Change.objects.filter(reverts=original, state=State.APPLIED).exists()


def draft_revert(change_id: str, reason: str, *, by: Principal, at: Moment) -> Change:
    """Draft the way back of an applied change, to be signed with the verb `revert`.

    Raises NoWayBack, RoleMissing, EffectRefused.
    """
    try:
        require_session(by)
        original = found(change_id)
        check_exists_for(by, original, at)
        way_back = cast("JSONObject | None", current(original).way_back)
        if original.state != State.APPLIED or way_back is None:
            raise NoWayBack("There is no applied change with a way back", why=change_id)
        if taken_back(original.public_id):
            raise NoWayBack("It was taken back already", why=change_id)
    except RequestError as error:
        denied(error, by, "draft-revert", change_id)
        raise
    return Draft(
        kind=str(way_back["type"]), body=cast("JSONObject", way_back["body"]), reason=reason, by=by, at=at,
        reverts=original.public_id,
    ).run()  # fmt: skip
