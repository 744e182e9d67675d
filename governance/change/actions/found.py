"""The founding: people whom the genesis names sign it, and with the last word that it asks for it is applied.

Guarantees that at least two people sign the same bytes with the keys that it gives them, and that from this transaction
on decisions are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from governance.change.actions.base import Moved, Place
from governance.change.actions.execute import effect_facts
from governance.change.actions.hearing import Heard
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.statement import digest_of
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import AlreadyFounded, AlreadySaid, ChangeExpired, ChangeStale, NotApprover
from governance.change.events import ChangeEvent
from governance.change.models import Change, Revision
from governance.change.selectors.effects import effect_of
from governance.change.selectors.standing import Standing, current
from governance.change.types import change_type
from governance.change.types.base import Applying, carry_out
from governance.change.types.genesis import GENESIS
from governance.identity.actions.found_deployment import found_deployment
from governance.identity.core.principal import machine
from governance.identity.selectors.founding import is_founded
from ledger.core.types import JSONObject
from ledger.services.governed import begin, wait_for_acts

FOUNDING = machine("machine:founding")
"""Identity's actions are done by the founding itself: nobody gives roles to themselves."""


@dataclass(frozen=True, kw_only=True)
class Found(Say):
    """One person's word over the genesis."""

    door = "found"
    verb = Verb.FOUND

    def before(self, row: Change) -> None:
        """Wait for what is under way without a decision, and lock everybody whom it names, before the record's head."""
        if not is_founded():
            wait_for_acts()
            change_type(row.type).base(current(row).body, lock=True)

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Keep it, and apply with the last one."""
        self._check(row, stands)
        signed = {one.person for one in stands.words if one.verb is Verb.FOUND and one.revision == row.revision}
        if self.by.actor in signed:
            raise AlreadySaid("You have signed the genesis before")
        signed.add(self.by.actor)
        if len(signed) < stands.rule.people:
            return Moved(ChangeEvent.FOUNDING_SIGNED, envelope_facts(word), None, {}, word.row)
        return self._apply(row, word, stands)

    def _check(self, row: Change, stands: Standing) -> None:
        if is_founded():
            raise AlreadyFounded("This deployment is founded")
        after_step(State(row.state), Step.FOUND)
        if row.type != GENESIS:
            raise NotApprover("Only a genesis founds", why=row.type)
        if stands.is_expired:
            raise ChangeExpired("The draft has expired")
        effect = effect_of(change_type(row.type), stands.revision.body, index=stands.index, now=stands.now)
        if (effect.base, effect.result) != (stands.revision.base, stands.revision.result):
            raise ChangeStale("What the people hold has moved", next_step="Draft the genesis again.")

    def _apply(self, row: Change, word: Heard, stands: Standing) -> Moved:
        revision = stands.revision
        carry_out(change_type(row.type), revision.base, revision.body, Applying(row.key, FOUNDING, self.at))
        facts: JSONObject = {"execution": envelope_facts(word), **effect_facts(stands)}
        then = _founded(row, revision, self)
        return Moved(ChangeEvent.FOUNDED, facts, Step.FOUND, {"executor": self.by.actor}, word.row, then=then)


def _founded(row: Change, revision: Revision, action: Found) -> Callable[[int], None]:
    def write(index: int) -> None:
        genesis = digest_of(revision.body)
        found_deployment(row.key, index, genesis, at=action.at)
        begin(row.key, index=index, genesis=genesis, at=action.at.now)

    return write
