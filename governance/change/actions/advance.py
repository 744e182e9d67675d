"""Signing in advance: an executor's word is kept, and carried out when the change is ready and everything still holds.

Guarantees that the task which carries out decides nothing: it needs a signed word of this revision by somebody who may
execute now, given after the last hold or loss of quorum, and it passes every check that an execution by hand passes.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.approve import quorum_facts
from governance.change.actions.base import ChangeAction, Moved, Place
from governance.change.actions.execute import applied, check_executor, check_frozen, hindrance, spoken
from governance.change.actions.hearing import Heard
from governance.change.actions.native import signs_natively
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.quorum import Word, cools_down
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeExpired, NativeNotInAdvance, QuorumMissing, TransitionRefused
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.standing import Standing, current, standing
from governance.change.types import change_type
from governance.change.types.base import check_gate
from governance.identity.core.principal import machine
from governance.identity.moment import Moment
from ledger.core.types import JSONObject
from ledger.errors import RequestError

CARRIER = machine("machine:carry-out")


@dataclass(frozen=True, kw_only=True)
class SignInAdvance(Say):
    """The same statement as for an execution by hand."""

    door = "execute-in-advance"
    verb = Verb.EXECUTE

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Keep the word."""
        if signs_natively(stands.revision.body, Verb.EXECUTE):
            raise NativeNotInAdvance("What you sign natively holds the time of the execution")
        if row.state not in {State.IN_REVIEW, State.TIMELOCKED}:
            raise TransitionRefused("The change cannot be signed in advance now", why=f"it is {row.state}")
        if stands.is_expired:
            raise ChangeExpired("The change has expired")
        check_executor(stands, self.by.actor, self.at)
        return Moved(ChangeEvent.SIGNED_IN_ADVANCE, envelope_facts(word), None, {}, word.row)


@dataclass(frozen=True, kw_only=True)
class CarryOut(ChangeAction):
    """Carry out the newest word that still counts."""

    door = "carry-out"

    def before(self, row: Change) -> None:
        """Lock the rows of the document before the head of the record, and ask the kind's checks again."""
        kind, body = change_type(row.type), current(row).body
        check_gate(kind, kind.base(body, lock=True), body)

    def step(self, row: Change, place: Place) -> Moved:
        """The full re-check, then the effect."""
        if row.state != State.TIMELOCKED:
            raise TransitionRefused("The change cannot be carried out now", why=f"it is {row.state}")
        stands = standing(row, index=place.index, now=place.now)
        word = advance_word(stands)
        if word is None:
            raise QuorumMissing("No executor has signed this in advance")
        check_executor(stands, word.person, self.at)
        check_frozen(row)
        found = hindrance(stands, place)
        if found is not None:
            return found
        facts: JSONObject = {"signed": word.index, "quorum": quorum_facts(stands), "words": spoken(stands)}
        return applied(row, stands, facts, None, by=self.by, at=self.at, executor=word.person)


def advance_word(stands: Standing) -> Word | None:
    """The newest word in advance whose key counts now, given after the change was last stopped."""
    for word in reversed(stands.words):
        ours = word.verb is Verb.EXECUTE and word.revision == stands.row.revision and word.at > stands.row.lost_at
        if ours and _counts(word, stands):
            return word
    return None


def _counts(word: Word, stands: Standing) -> bool:
    approver = stands.people.get(word.person)
    key = approver.key(word.kid) if approver is not None and approver.live else None
    if approver is None or key is None or not (key.lives_at(word.index) and key.lives_at(stands.index)):
        return False
    return cools_down(approver, word.kid, stands.rule.cool_down_s, said=word.at, now=stands.now) is None


def carry_out_ready(*, at: Moment) -> tuple[int, int]:
    """Carry out every change that is ready and signed for; returns how many were applied and how many refused."""
    seconds = int(at.now.timestamp())
    rows = Change.objects.filter(state=State.TIMELOCKED, ready_at__lte=seconds, words__verb=Verb.EXECUTE.value)
    done = refused = 0
    for key in sorted({str(one) for one in rows.values_list("public_id", flat=True)}):
        try:
            CarryOut(change_id=key, by=CARRIER, at=at).run()
            done += 1
        except RequestError:
            refused += 1
    return done, refused
