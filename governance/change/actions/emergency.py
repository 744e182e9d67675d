"""Break-glass: declared by one person, acknowledged by another, applied at once, ratified within 72 hours or undone.

Guarantees that two people sign before anything happens, that no second emergency begins while the incident of one is
open, and that a minimal record of the incident (kind, reason, timeline) is made in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import Moved, Place
from governance.change.actions.execute import check_frozen, drifted, effect_facts
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.quorum import Word, cools_down
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import (
    AlreadySaid,
    AuthorExcluded,
    ChangeExpired,
    ChangeStale,
    ConcernedExcluded,
    NotForEmergencies,
    QuorumMissing,
    RoleMissing,
)
from governance.change.events import ChangeEvent
from governance.change.models import Change, Incident, IncidentEntry
from governance.change.selectors.people import views
from governance.change.selectors.standing import Standing, current
from governance.change.types import change_type
from governance.change.types.base import Applying, carry_out
from governance.change.types.emergency_apply import EMERGENCY
from governance.identity.core.roles import Role

RATIFY_WITHIN = 72 * 3600


@dataclass(frozen=True, kw_only=True)
class _OfEmergency(Say):
    """What both words share."""

    def _check(self, row: Change, stands: Standing) -> None:
        after_step(State(row.state), Step.DECLARE)
        if row.type != EMERGENCY:
            raise NotForEmergencies("This kind is not applied in an emergency", why=row.type)
        view = views(self.at.now).get(self.by.actor)
        if view is None or not view.live or not (view.holds(Role.APPROVER) or view.holds(Role.EXECUTOR)):
            raise RoleMissing("This takes the role approver or executor", why=self.by.actor)
        if self.by.actor in stands.subject.concerned:
            raise ConcernedExcluded("Nobody decides on their own roles or keys", why=self.by.actor)
        if Incident.objects.filter(closed__isnull=True, change__isnull=False).exists():
            raise NotForEmergencies(
                "An emergency's incident is open", next_step="Have it ratified, or close it, first."
            )
        if stands.is_expired:
            raise ChangeExpired("The draft has expired")
        check_frozen(row)
        if drift := drifted(stands):
            raise ChangeStale("What the draft starts from has moved", why=drift, next_step="Draft it again.")


@dataclass(frozen=True, kw_only=True)
class DeclareEmergency(_OfEmergency):
    """The first word. Nothing happens yet."""

    door = "emergency"
    verb = Verb.EMERGENCY

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Keep it."""
        self._check(row, stands)
        if declared_by(stands):
            raise AlreadySaid("It was declared before")
        return Moved(ChangeEvent.EMERGENCY_DECLARED, envelope_facts(word), None, {}, word.row)


@dataclass(frozen=True, kw_only=True)
class AcknowledgeEmergency(_OfEmergency):
    """The second word, of somebody else than who declared or wrote it: apply."""

    door = "ack-emergency"
    verb = Verb.ACKNOWLEDGE_EMERGENCY

    def before(self, row: Change) -> None:
        """Lock the rows of the document before the head of the record."""
        change_type(row.type).base(current(row).body, lock=True)

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Apply, provisionally."""
        self._check(row, stands)
        declared = declared_by(stands)
        if not declared:
            raise QuorumMissing("Nobody has declared it with a key that counts")
        if self.by.actor in stands.subject.contributors or declared <= {self.by.actor}:
            raise AuthorExcluded("Somebody else acknowledges", why=self.by.actor)
        body = stands.revision.body
        carry_out(change_type(row.type), stands.revision.base, body, Applying(row.key, self.by, self.at))
        facts = {"execution": envelope_facts(word), **effect_facts(stands), "executor": self.by.actor}
        columns: dict[str, object] = {
            "executor": self.by.actor, "not_before": place.now, "not_after": place.now + RATIFY_WITHIN,
        }  # fmt: skip
        return Moved(
            ChangeEvent.EMERGENCY_APPLIED, facts, Step.DECLARE, columns, word.row,
            then=lambda index: self._open_incident(row, stands, index),
        )  # fmt: skip

    def _open_incident(self, row: Change, stands: Standing, index: int) -> None:
        incident = Incident.objects.create(
            public_id=self.at.new_id(), change=row.key, tenant=row.tenant, kind=str(stands.revision.body["incident"]),
            reason=stands.revision.reason, by=row.author, index=index, opened=self.at.now,
        )  # fmt: skip
        IncidentEntry.objects.create(
            incident=incident, by=self.by.actor, text="Applied provisionally.", index=index, at=self.at.now
        )  # fmt: skip


def declared_by(stands: Standing) -> frozenset[str]:
    """Who declared this revision with a key that still counts."""
    return frozenset(word.person for word in stands.words if word.verb is Verb.EMERGENCY and _counts(word, stands))


def _counts(word: Word, stands: Standing) -> bool:
    approver = stands.people.get(word.person)
    key = approver.key(word.kid) if approver is not None and approver.live else None
    if approver is None or key is None or word.revision != stands.row.revision:
        return False
    rested = cools_down(approver, word.kid, stands.rule.cool_down_s, said=word.at, now=stands.now) is None
    return rested and key.lives_at(word.index) and key.lives_at(stands.index)
