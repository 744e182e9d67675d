"""Another text: a new revision, which voids every signature and makes its writer a contributor for good (R11, I6)."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place
from governance.change.actions.draft import check_author, checked_reason, write_revision
from governance.change.core.policy import Rule
from governance.change.core.states import State, Step
from governance.change.core.states import after as after_step
from governance.change.errors import BodyMalformed
from governance.change.events import ChangeEvent
from governance.change.models import Change
from governance.change.selectors.effects import check_body, effect_of
from governance.change.selectors.standing import current
from governance.change.selectors.whose import check_known, check_stays
from governance.change.types import change_type
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject


@dataclass(frozen=True, kw_only=True)
class Edit(ChangeAction):
    """The kind and the subject of a change stay; everything else may be written anew."""

    door = "edit"

    body: JSONObject
    reason: str

    def step(self, row: Change, place: Place) -> Moved:
        """A new revision, judged under the policy in force."""
        after_step(State(row.state), Step.EDIT)
        kind = change_type(row.type)
        reason = checked_reason(self.reason)
        check_author(self.by, row.type, row.tenant, self.at)
        check_body(kind, self.body)
        if (kind.subject(self.body), kind.tenant(self.body)) != (row.subject, kind.tenant(current(row).body)):
            raise BodyMalformed(
                "An edit stays with its subject and its tenant", path="$.body", next_step="Propose a new change."
            )
        check_known(self.by, kind, self.body, self.at.now)
        effect = effect_of(kind, self.body, index=place.index, now=place.now)
        check_stays(kind, self.body, effect, row.tenant)
        number = row.revision + 1
        write_revision(row, number, self.body, reason, effect, by=self.by, at=self.at)
        columns: dict[str, object] = {"revision": number, "ready_at": None, "lost_at": place.now}
        if row.state != State.DRAFT:
            columns |= window(effect.rule, place)
        facts: JSONObject = {"body": self.body, "reason": reason, "policy": effect.policy}
        return Moved(ChangeEvent.EDITED, facts, Step.EDIT, columns)


def window(rule: Rule, place: Place) -> dict[str, object]:
    """The life of a text that is in review from now on (s)."""
    return {"not_before": place.now, "not_after": place.now + rule.life_s}


def edit_change(
    change_id: str, body: JSONObject, reason: str, *, revision: int, by: Principal, at: Moment
) -> Change:  # fmt: skip
    """Write the next revision; raises what drafting raises, RevisionMoved and TransitionRefused."""
    return Edit(change_id=change_id, body=body, reason=reason, revision=revision, by=by, at=at).run()
