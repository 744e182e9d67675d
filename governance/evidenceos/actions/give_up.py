"""A plan that cannot be written, because somebody else's bytes stand in the way, is given up: on the record.

Guarantees that it takes a decision of the kind `drift.accept` once the deployment is founded (until then somebody at
the server does it, with a reason); that steps which are done stay done and are told; and that the change stays what it
is in the record: decided, and not written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from governance.evidenceos.actions.accept import ACCEPTED
from governance.evidenceos.actions.target import SOURCE
from governance.evidenceos.core.steps import Progress, progress, step_of
from governance.evidenceos.errors_of_targets import TargetInvalid, TargetUnknown
from governance.evidenceos.events import EvidenceOSEvent
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.files.writing import now_at
from governance.evidenceos.models import Plan, PlanState
from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.errors import NotAllowed
from governance.identity.moment import Moment
from ledger.core.types import JSON


@dataclass(frozen=True, kw_only=True)
class GiveUp(Action[Plan]):
    """End a plan unwritten."""

    source: ClassVar[str] = SOURCE
    governed_by: ClassVar[str | None] = ACCEPTED

    plan: Plan
    reason: str

    def check(self) -> None:
        """It was decided, or whoever acts sits at the server; there is a reason, and the plan is not written.

        Raises NotAllowed, TargetInvalid.
        """
        if self.by.kind is not PrincipalKind.MACHINE and self.decision is None:
            raise NotAllowed("This is done at the server", why="It ends unwritten what people have decided.")
        if not self.reason.strip():
            raise TargetInvalid("A reason is needed", why="--reason is empty")
        Plan.objects.select_for_update().get(pk=self.plan.pk)
        self.plan.refresh_from_db()
        if self.plan.state != PlanState.PLANNED:
            raise TargetInvalid("Only what is not written yet is given up", why=f"it is {self.plan.state}")

    def execute(self) -> Plan:
        """One row."""
        self.plan.state, self.plan.ended = PlanState.GIVEN_UP, self.at.now
        self.plan.why = self.reason.strip()[:500]
        self.plan.save(update_fields=["state", "ended", "why"])
        return self.plan

    def record(self, result: Plan) -> Record:
        """What was to be written, and which of it is there."""
        steps, root = [step_of(one) for one in result.steps], Path(result.target.path)
        done: list[JSON] = [one.path for one in steps if progress(one, now_at(root, one.path)) is Progress.DONE]
        files: list[JSON] = [one.path for one in steps]
        return Record(
            EvidenceOSEvent.PLAN_GIVEN_UP, result.change,
            {"target": result.target.slug, "change": result.change, "files": files, "done": done,
             "reason": self.reason.strip()[:500]},
        )  # fmt: skip


def give_up(change: str, reason: str, *, by: Principal, at: Moment) -> Plan:
    """End the plan of this change unwritten, at the server, before the founding.

    Raises DecisionNeeded, TargetUnknown, TargetBusy, TargetInvalid, NotAllowed.
    """
    row = _plan(change)
    with alone_in(Path(row.target.path)):
        return GiveUp(plan=row, reason=reason, by=by, at=at).run()


def give_up_within(change: str, reason: str, *, by: Principal, at: Moment, decision: str) -> Plan:
    """The same within the transaction of a decision: whoever writes the directory then finds the plan ended."""
    return GiveUp(plan=_plan(change), reason=reason, by=by, at=at, decision=decision).run()


def _plan(change: str) -> Plan:
    row = Plan.objects.select_related("target").filter(change=change).first()
    if row is None:
        raise TargetUnknown("No change of this id writes a data directory", why=change[:64])
    return row
