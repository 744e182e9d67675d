"""A tree head that the log's new key has signed is shown: only then is the rotation of that key done.

Guarantees that the head verifies under the very key that was decided, and that the record keeps size and root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.evidenceos.actions.target import SOURCE
from governance.evidenceos.core import preflight
from governance.evidenceos.core.preflight import may
from governance.evidenceos.core.tree_head import TreeHead
from governance.evidenceos.errors_of_targets import TargetInvalid, TargetUnknown
from governance.evidenceos.events import EvidenceOSEvent
from governance.evidenceos.models import Artefact, Plan, PlanState, Seen
from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class ObserveHead(Action[Plan]):
    """Hold a head against the key of a rotation."""

    source: ClassVar[str] = SOURCE

    plan: Plan
    public: bytes
    head: TreeHead

    def check(self) -> None:
        """The head is signed by the key that was decided; raises TargetInvalid."""
        self.require_platform()
        wanted = str(self.plan.steps[-1]["about"])
        checks = preflight.log_key(self.public, bytes.fromhex(wanted), self.head)
        if self.plan.state != PlanState.WRITTEN or not may(checks):
            told = "; ".join(f"{fault.code}: {fault.message}" for one in checks for fault in one.faults)
            raise TargetInvalid(
                "This head does not show that the log has its new key", why=told or f"it is {self.plan.state}",
                next_step="Restart the daemon, ask it for GetSignedTreeHead, and try again with that.",
            )  # fmt: skip

    def execute(self) -> Plan:
        """The rotation is observed."""
        told = f"A tree head of size {self.head.tree_size} is signed by it."
        Plan.objects.filter(pk=self.plan.pk).update(
            observed=self.at.now, observed_by=told, observed_as=Seen.HEAD, code="", why=""
        )  # fmt: skip
        Artefact.objects.filter(plan=self.plan).update(observed=self.at.now, observed_by=told)
        return self.plan

    def record(self, result: Plan) -> Record:
        """Key, size and root."""
        facts = {
            "target": result.target.slug, "change": result.change, "key": self.head.key_id.hex(),
            "size": str(self.head.tree_size), "root": self.head.root_hash.hex(),
        }  # fmt: skip
        return Record(EvidenceOSEvent.HEAD_OBSERVED, result.change, {**facts})


def observe_head(slug: str, public: bytes, head: TreeHead, *, by: Principal, at: Moment) -> Plan:
    """End the newest rotation of the log's key of this target; raises TargetUnknown, TargetInvalid, NotAllowed."""
    rows = Plan.objects.filter(target__slug=slug, kind="etl_key.rotate").select_related("target")
    row = rows.order_by("-id").first()
    if row is None:
        raise TargetUnknown("No rotation of the log's key was decided for this target", why=slug[:63])
    return ObserveHead(plan=row, public=public, head=head, by=by, at=at).run()
