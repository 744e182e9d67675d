"""Execution: everything is checked once more inside the transaction that applies the effect.

Guarantees that nothing is applied unless, at this very index of the record: the state is locked and the lock over;
the revision's digests, the policy and the base are those that were signed; the quorum, recomputed from the stored
bytes, stands; the executor is none whom the rule excludes; the life is not over and nothing is frozen; and the
effect, computed again on locked rows, is the approved one. Follows the governance reference, section 5 (I1 to I5,
I14, I19, R20, R21).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from governance.change.actions.approve import quorum_facts
from governance.change.actions.base import Moved, Place
from governance.change.actions.hearing import Heard
from governance.change.actions.native import all_made
from governance.change.actions.saying import Say, envelope_facts
from governance.change.core.policy import ExecutorRule, Tier
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import (
    ApproverExcluded,
    AuthorExcluded,
    ChangeExpired,
    ChangeRefused,
    ChangeStale,
    ConcernedExcluded,
    Frozen,
    QuorumMissing,
    RoleMissing,
    TimeLocked,
)
from governance.change.events import ChangeEvent
from governance.change.models import Change, Freeze
from governance.change.selectors.caps import check_caps
from governance.change.selectors.effects import Effect, effect_of
from governance.change.selectors.handing_over import check_handed_over
from governance.change.selectors.people import may_execute, views
from governance.change.selectors.policies import policy_in_force
from governance.change.selectors.standing import Standing, current, freeze_over
from governance.change.selectors.witnessed import cosigned_note
from governance.change.types import change_type
from governance.change.types.base import Applying, carry_out, check_gate
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSON, JSONObject
from ledger.errors import RequestError


@dataclass(frozen=True, kw_only=True)
class Execute(Say):
    """Carry out an approved change, with the executor's own signature."""

    door = "execute"
    verb = Verb.EXECUTE

    def before(self, row: Change) -> None:
        """Lock the rows of the document before the head of the record, and ask the kind's checks again."""
        kind, body = change_type(row.type), current(row).body
        check_gate(kind, kind.base(body, lock=True), body)

    def said(self, row: Change, word: Heard, stands: Standing, place: Place) -> Moved:
        """Apply, or commit what was found and refuse."""
        after_step(State(row.state), Step.EXECUTE)
        check_executor(stands, self.by.actor, self.at)
        check_frozen(row)
        found = hindrance(stands, place)
        if found is not None:
            return found
        facts: JSONObject = {"execution": envelope_facts(word), "quorum": quorum_facts(stands), "words": spoken(stands)}
        return applied(row, stands, facts, word, by=self.by, at=self.at, executor=self.by.actor)


def check_executor(stands: Standing, person: str, at: Moment) -> None:
    """Role and separation of duties: whoever wrote any revision is its author.

    Raises RoleMissing, AuthorExcluded, ApproverExcluded, ConcernedExcluded.
    """
    rule, row = stands.rule, stands.row
    if not may_execute(views(at.now).get(person), row.tenant, low=rule.tier is Tier.LOW):
        raise RoleMissing("This takes the role executor", why=person)
    if rule.executor is not ExecutorRule.ANY and person in stands.subject.contributors:
        raise AuthorExcluded("Who wrote any of a change does not carry it out", why=person)
    if rule.executor is ExecutorRule.NOT_AUTHOR_NOT_APPROVER and person in stands.approvers:
        raise ApproverExcluded("Who approved does not carry out", why=person)
    if person in stands.subject.concerned:
        raise ConcernedExcluded("Nobody carries out a change to their own roles or keys", why=person)


def check_frozen(row: Change) -> None:
    """Raise Frozen where a freeze stands over the change's tenant or the platform; a thaw is what ends it."""
    freeze = freeze_on(row)
    if freeze is not None and row.type != "thaw":
        raise Frozen("Execution is frozen", why=f"{freeze.scope}: {freeze.reason}")


def freeze_on(row: Change) -> Freeze | None:
    """The freeze that stops this change: its tenant's, also where it is the platform's change about that tenant."""
    return freeze_over(row.tenant or change_type(row.type).tenant(current(row).body))


def hindrance(stands: Standing, place: Place) -> Moved | None:
    """What is found to have moved the change on (a step that is committed); raises TimeLocked, ends with None."""
    if stands.is_expired:
        return Moved(ChangeEvent.EXPIRED, {}, Step.EXPIRE, refusal=ChangeExpired("The change has expired"))
    drift = drifted(stands)
    if drift:
        refusal = ChangeStale("What this change starts from has moved", why=drift)
        return Moved(ChangeEvent.STALE, {"drift": drift}, Step.BASE_MOVED, {"ready_at": None}, refusal=refusal)
    if not stands.quorum.met:
        columns: dict[str, object] = {"ready_at": None, "lost_at": place.now}
        refusal_q = QuorumMissing("The quorum stands no more", why=lacking(stands))
        return Moved(
            ChangeEvent.SETTLED, {"quorum": quorum_facts(stands)}, Step.QUORUM_LOST, columns, refusal=refusal_q
        )
    left = (stands.ready_at or 0) - place.now
    if left > 0:
        raise TimeLocked("The time lock is not over", why=f"{left:,} seconds are left")
    check_handed_over(stands)
    check_caps(stands)
    return None


def drifted(stands: Standing) -> str:
    """What is no longer as it was signed: `policy`, `base`, `effect`; '' where nothing is."""
    revision = stands.revision
    if policy_in_force().digest != revision.policy:
        return "policy"
    try:
        effect = effect_of(change_type(stands.row.type), revision.body, index=stands.index, now=stands.now)
    except ChangeRefused:
        return "effect"
    if effect.base != revision.base:
        return "base"
    return "" if _same_effect(effect, stands) else "effect"


def _same_effect(effect: Effect, stands: Standing) -> bool:
    revision = stands.revision
    return (
        effect.result == revision.result
        and effect.direction.value == revision.direction
        and effect.way_back == revision.way_back
        and effect.rule.to_json() == revision.rule
    )


def lacking(stands: Standing) -> str:
    """Which places are empty, in words."""
    empty = [slot.group for slot in stands.quorum.slots if slot.person is None]
    return f"empty: {', '.join(empty)}" if empty else "only a key outside of browsers is missing"


def spoken(stands: Standing) -> list[JSON]:
    """The indices of the words that make the quorum."""
    fill = stands.quorum.approvers
    return [word.index for word in stands.words if word.person in fill and word.verb is Verb.APPROVE]


def applied(
    row: Change, stands: Standing, facts: JSONObject, word: Heard | None, *, by: Principal, at: Moment, executor: str
) -> Moved:  # fmt: skip
    """Apply the effect in a savepoint: what fails leaves no effect and ends the change as FAILED."""
    kind, body = change_type(row.type), stands.revision.body
    told = {**facts, **effect_facts(stands), "executor": executor}
    note = cosigned_note() if stands.rule.lock_s else None
    told |= {"witnessed": note} if note is not None else {}
    heard_row = word.row if word is not None else None
    try:
        with transaction.atomic():
            made = all_made(row, stands.revision, stands.index, word.native if word is not None else ())
            carry_out(kind, stands.revision.base, body, Applying(row.key, by, at, executor, made))
    except RequestError as error:
        columns: dict[str, object] = {"outcome": f"{error.code}: {error}"[:200], "executor": executor}
        told |= {"code": error.code, "why": str(error)[:500]}
        return Moved(ChangeEvent.FAILED, told, Step.FAIL, columns, heard_row, refusal=error)
    observe = stands.now + stands.rule.observation_s if stands.revision.way_back is not None else None
    columns = {"executor": executor, "observe_until": observe}
    return Moved(ChangeEvent.EXECUTED, told, Step.EXECUTE, columns, heard_row)


def effect_facts(stands: Standing) -> JSONObject:
    """What the record keeps of an effect that was applied, and what a replay goes by."""
    revision = stands.revision
    return {
        "body": revision.body, "base": revision.base, "result": revision.result,
        "policy": revision.policy, "rule": revision.rule,
    }  # fmt: skip
