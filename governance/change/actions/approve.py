"""An approval: one place of the rule is filled, and with the last one the lock begins."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import Moved, Place
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts, refusal_of
from governance.change.core.quorum import may_approve
from governance.change.core.states import State, Step
from governance.change.core.verbs import Verb
from governance.change.errors import AlreadySaid, ChangeExpired, TransitionRefused
from governance.change.events import ChangeEvent
from governance.change.models import Change, Incident
from governance.change.selectors.standing import Standing, standing
from ledger.core.types import JSON, JSONObject


@dataclass(frozen=True, kw_only=True)
class Approve(Say):
    """Taken while the change is in review, and also while it waits for its lock."""

    door = "approve"
    verb = Verb.APPROVE

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Count it; raises the refusal of whoever may not."""
        if row.state not in {State.IN_REVIEW, State.TIMELOCKED, State.APPLIED_PROVISIONAL}:
            raise TransitionRefused("The change cannot be approved now", why=f"it is {row.state}")
        if stands.is_expired:
            raise ChangeExpired("The change has expired")
        self._check_person(stands)
        spoken = word.spoken(place.index, place.now)
        judged = standing(row, index=place.index, now=place.now, more=[spoken], people=stands.people)
        if spoken in (unheard := dict(judged.quorum.refused)):
            raise refusal_of(unheard[spoken], self.by.actor)
        facts = {**envelope_facts(word), "quorum": quorum_facts(judged)}
        if row.state == State.APPLIED_PROVISIONAL:
            return self._ratified(judged, word, facts)
        reached = judged.quorum.met and row.state == State.IN_REVIEW
        columns: dict[str, object] = {"ready_at": judged.ready_at}
        return Moved(ChangeEvent.APPROVED, facts, Step.QUORUM if reached else None, columns, word.row)

    def _ratified(self, judged: Standing, word: Heard, facts: JSONObject) -> Moved:
        """After an emergency the same quorum ratifies; nothing waits for a lock."""
        if not judged.quorum.met:
            return Moved(ChangeEvent.APPROVED, facts, None, {}, word.row)
        Incident.objects.filter(change=judged.row.key, closed__isnull=True).update(closed=self.at.now)
        return Moved(ChangeEvent.EMERGENCY_RATIFIED, facts, Step.RATIFY, {}, word.row)

    def _check_person(self, stands: Standing) -> None:
        person = self.by.actor
        if person in stands.approvers:
            raise AlreadySaid("You have approved this revision before")
        reason = may_approve(stands.rule, stands.subject, stands.people[person], index=stands.index, now=stands.now)
        if reason is not None:
            raise refusal_of(reason, person)


def quorum_facts(stands: Standing) -> JSONObject:
    """Who fills which place, as the record and pages show it."""
    slots: list[JSON] = [{"group": slot.group, "person": slot.person} for slot in stands.quorum.slots]
    return {"met": stands.quorum.met, "ready_at": stands.ready_at, "since": stands.quorum.since, "slots": slots}
