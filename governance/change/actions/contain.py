"""Containment: one signed word, at once, for kinds that restrict, where the policy's tier for them is emergency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.change.actions.base import Moved, Place
from governance.change.actions.execute import drifted, effect_facts
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.policy import Direction, Tier
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeExpired, ChangeStale, QuorumMissing, RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.people import may_contain, may_freeze, views
from governance.change.selectors.standing import Standing, current
from governance.change.types import change_type
from governance.change.types.base import Applying, carry_out
from governance.change.types.freezing import FREEZE
from governance.identity.core.governed import KEY_REVOKE
from governance.identity.selectors.people import PersonView


@dataclass(frozen=True, kw_only=True)
class Contain(Say):
    """By anybody who may stop things."""

    kind: ClassVar[str]

    def before(self, row: Change) -> None:
        """Lock the rows of the document before the head of the record."""
        change_type(row.type).base(current(row).body, lock=True)

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Apply it; what fails leaves the draft as it was."""
        after_step(State(row.state), Step.CONTAIN)
        self._check(row, stands)
        by, at = self.by, self.at
        carry_out(change_type(row.type), stands.revision.base, stands.revision.body, Applying(row.key, by, at))
        facts = {"execution": envelope_facts(word), **effect_facts(stands), "executor": by.actor}
        columns: dict[str, object] = {"executor": by.actor}
        return Moved(ChangeEvent.CONTAINED, facts, Step.CONTAIN, columns, word.row)

    def _check(self, row: Change, stands: Standing) -> None:
        if row.type != self.kind or stands.revision.direction != Direction.TIGHTENS.value:
            raise QuorumMissing("This kind takes approvals", why=row.type)
        if stands.rule.tier is not Tier.EMERGENCY:
            raise QuorumMissing(
                "The policy asks for approvals here", why=f"its tier is {stands.rule.tier.name.lower()}"
            )
        if not self.may(views(self.at.now).get(self.by.actor), row):
            raise RoleMissing("This takes a role that decides or witnesses there", why=self.by.actor)
        if stands.is_expired:
            raise ChangeExpired("The draft has expired")
        if drift := drifted(stands):
            raise ChangeStale("What the draft starts from has moved", why=drift, next_step="Draft it again.")

    def may(self, view: PersonView | None, row: Change) -> bool:
        """Whether their one word is enough."""
        return may_contain(view)


@dataclass(frozen=True, kw_only=True)
class FreezeNow(Contain):
    """Stop execution: a tenant's admin stops it there."""

    door = "freeze"
    verb = Verb.FREEZE
    kind = FREEZE

    def may(self, view: PersonView | None, row: Change) -> bool:
        """Where the freeze would stand."""
        return may_freeze(view, change_type(row.type).tenant(current(row).body))


@dataclass(frozen=True, kw_only=True)
class RevokeKeyNow(Contain):
    """Take a key's power away."""

    door = "revoke-key"
    verb = Verb.REVOKE_KEY
    kind = KEY_REVOKE
