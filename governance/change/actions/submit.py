"""From draft into review: the effect is computed again, and the rule must be one that somebody can meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.actions.draft import check_author, write_revision
from governance.change.actions.edit import window
from governance.change.actions.native import signs_natively
from governance.change.core.policy import Rule
from governance.change.core.satisfiable import unmet
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.core.verbs import Verb
from governance.change.errors import NativeMissing, PolicyUnsatisfiable
from governance.change.events import ChangeEvent
from governance.change.models import Change, Revision
from governance.change.selectors.effects import Effect, effect_of
from governance.change.selectors.people import staff
from governance.change.selectors.standing import current
from governance.change.selectors.whose import check_known, check_stays
from governance.change.types import change_type
from governance.change.types.base import check_gate
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject

SIGN_IT = "Submit it with your signature: the statement's verb is submit."


@dataclass(frozen=True, kw_only=True)
class Submit(ChangeAction):
    """Where the effect is another than when the draft was saved, this makes a revision of its own."""

    door = "submit"

    def step(self, row: Change, place: Place) -> Moved:
        """Ask people to sign from now on."""
        after_step(State(row.state), Step.SUBMIT)
        require_session(self.by)
        check_author(self.by, row.type, row.tenant, self.at)
        if signs_natively(current(row).body, Verb.SUBMIT):
            raise NativeMissing("The author signs what this change lists when it is submitted", next_step=SIGN_IT)
        return submitted(row, place, Step.SUBMIT, ChangeEvent.SUBMITTED, by=self.by, at=self.at)


def submitted(
    row: Change, place: Place, step: Step, event: ChangeEvent, *, by: Principal, at: Moment
) -> Moved:  # fmt: skip
    """Into review, with the effect as it is now: a submission or a rebase."""
    kind, revision = change_type(row.type), current(row)
    check_known(by, kind, revision.body, at.now)
    effect = effect_of(kind, revision.body, index=place.index, now=place.now)
    check_stays(kind, revision.body, effect, row.tenant)
    check_gate(kind, effect.base, revision.body)
    check_satisfiable(effect.rule, place)
    number = row.revision
    if step is Step.REBASE or not _same(revision, effect):
        number += 1
        write_revision(row, number, revision.body, revision.reason, effect, by=by, at=at)
    facts: JSONObject = {"rule": effect.rule.to_json(), "policy": effect.policy, "base": effect.base}
    return Moved(event, facts, step, {"revision": number, "ready_at": None, **window(effect.rule, place)})


def check_satisfiable(rule: Rule, place: Place) -> None:
    """Raise PolicyUnsatisfiable where nobody could ever meet the rule (R10)."""
    found = unmet([rule], staff(datetime.fromtimestamp(place.now, UTC), place.index))
    if found:
        raise PolicyUnsatisfiable(
            "The rule cannot be met", why="; ".join(f"{one.rule}: {one.lacking}" for one in found)
        )


def _same(revision: Revision, effect: Effect) -> bool:
    before = (revision.base, revision.result, revision.direction, revision.invalidates, revision.way_back)
    now = (effect.base, effect.result, effect.direction.value, effect.invalidates, effect.way_back)
    return before == now and (revision.policy, revision.rule) == (effect.policy, effect.rule.to_json())


def submit_change(change_id: str, *, revision: int, by: Principal, at: Moment) -> Change:
    """Put a draft into review; raises TokenCannotDecide, PolicyUnsatisfiable, TransitionRefused, RevisionMoved."""
    return Submit(change_id=change_id, revision=revision, by=by, at=at).run()
