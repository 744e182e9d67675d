"""What the kinds share that change a data directory of EvidenceOS: its target, its checks, the journal of its bytes.

Guarantees that the document of such a change is read from the disk; that every check of the reference (section 8) has
passed when it is submitted and when it is carried out, one that could not be carried out counting as failed; and that
nothing is written but by the journal, behind the decision. 64-bit numbers stand in bodies as decimal text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import ClassVar, Final

from governance.change.errors import EffectRefused, PreflightFailed
from governance.change.types.base import Applying, Finding, FindingState, Plain
from governance.evidenceos.actions.carry import plan
from governance.evidenceos.actions.reload import effective_of
from governance.evidenceos.core.codes import code_of
from governance.evidenceos.core.directory import EVENT_LOG, Directory
from governance.evidenceos.core.events import GovernanceEvent, is_torn
from governance.evidenceos.core.expected import Standing, effects
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.floats import U64_MAX
from governance.evidenceos.core.operator import OperatorRecord
from governance.evidenceos.core.preflight import Check, may, unread
from governance.evidenceos.core.steps import FileStep, appended
from governance.evidenceos.errors_of_targets import TargetBusy, TargetNotAdopted, TargetRefused, TargetUnknown
from governance.evidenceos.files.snapshot import Snapshot, fresh, taken
from governance.evidenceos.models import Effective, PlanState, Target
from governance.evidenceos.selectors.targets import TargetView, any_target
from ledger.core.fields import Check as FieldCheck
from ledger.core.fields import nullable, text
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema
from ledger.selectors.streams import written_to

SLUG: Final[FieldCheck] = text(63)
NAME: Final[FieldCheck] = text(200)
"""Names of oracles, holdouts and claims."""
_U64: Final = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
_WHEN: Final = {
    Effective.IMMEDIATE: "It counts at once: the daemon reads these files at every execution.",
    Effective.RELOAD: (
        "It counts when the daemon has reloaded; the portal tells it to. "
        "One that does not reload when it is told has to be restarted."
    ),
    Effective.RESTART: "It counts when the daemon was restarted; somebody has to do that.",
    Effective.STOPPED: "The daemon has to be stopped for it, and counts it when it is started again.",
}  # fmt: skip
STORED: Final = "It lies in the store at once, without a reload, and counts for no claim before it is activated."
COUNTS: Final = frozenset({*_WHEN.values(), STORED})
"""The sentences that say when such a change counts."""
_HOLDS: Final = {
    "name": "The oracle's name can be that of a folder.",
    "signature": "The author's key is in the keyring, and what is signed already verifies.",
    "numbers": "Kind and e-process go together, and every number is in its range.",
    "reading": "The daemon reads each number as it is written.",
    "expiry": "The contract holds in the epoch that it is judged by.",
    "calibration": "The contract names no other calibration than the oracle's.",
    "resolution": "The resolution hash is that of the next claims.",
    "settings": "The settings that it was judged by are those that the daemon goes by.",
    "mapping": "The pair has such a contract.",
    "registry": "The signed registry is sound, and has the contract.",
    "readable": "Everything of the file that is written anew can be read.",
    "trusted": "There is somebody whose native signature the daemon takes.",
    "record": "Fields, hashes and attestation of the record hold.",
    "others": "Every other record in force verifies.",
    "order": "The epoch goes where this kind of change may take it.",
    "epoch": "The epoch in force verifies.",
    "stream": "The canary is there.",
    "stopped": "No daemon holds the directory.",
    "incident": "The incident is open.",
    "seed": "The key's seed lies in its place, with narrow rights.",
    "event_log": "A line can be added to the log of events.",
}
TAKES_EFFECT: Final = "takes_effect"
_CHANGES: Final = ("_governance", "changes")


def u64(value: JSON) -> None:
    """A whole number of 64 bits without a sign, as decimal text."""
    if not isinstance(value, str) or _U64.fullmatch(value) is None or int(value) > U64_MAX:
        raise LeafSchema("A whole number from 0 to 18446744073709551615 as text is expected", why=repr(value)[:80])


MAYBE_U64: Final = nullable(u64)


class OfTarget(Plain):
    """A kind whose body names its target by slug."""

    name: str
    effective: ClassVar[Effective]

    def document(self, body: JSONObject) -> str:
        """Which document of the target it changes."""
        raise NotImplementedError

    def checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Everything that has to hold of the directory and the body."""
        raise NotImplementedError

    def subject(self, body: JSONObject) -> str:
        """`evidenceos:<slug>/<document>`."""
        return f"evidenceos:{body['target']}/{self.document(body)}"[:512]

    def tenant(self, body: JSONObject) -> str | None:
        """Whose the target is; None for the platform's, and for one that is not there."""
        with suppress(TargetUnknown):
            return any_target(str(body["target"])).tenant
        return None

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """When it counts."""
        return [self.when(body)]

    def when(self, body: JSONObject) -> str:
        """When it counts, in words."""
        return _WHEN[self.counts(body)]

    def counts(self, body: JSONObject) -> Effective:
        """How the daemon takes it up."""
        return effective_of(any_target(str(body["target"])).reload, self.effective)

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Every check with its reason, and when it counts."""
        found = [finding(one) for one in self.all_checks(directory_of(body), body)]
        return [*found, Finding(TAKES_EFFECT, FindingState.PASS, self.when(body))]

    def all_checks(self, found: Snapshot, body: JSONObject) -> list[Check]:
        """Those of the kind, and that a line can be added to the log of events."""
        torn = is_torn(found.files.get(EVENT_LOG, b""))
        line = (Fault("event_log_torn", EVENT_LOG, "the last line has no newline"),) if torn else ()
        return [*self.checks(found, body), Check("event_log", line)]

    def gate(self, base: JSONObject, body: JSONObject, *, back: bool) -> None:
        """Raise PreflightFailed unless every check was carried out and passed.

        On the way back it is enough that none failed: what it leads to was in force when the change was signed, and its
        body was fixed then.
        """
        checks = self.all_checks(directory_of(body, is_fresh=True), body)
        refused = any(one.outcome == "failed" for one in checks) if back else not may(checks)
        if refused:
            raise PreflightFailed("A check of the change failed", why=_why(checks))

    def write(self, body: JSONObject, steps: Sequence[FileStep], context: Applying) -> None:
        """The journal; the files follow when the decision is committed."""
        plan(
            target_of(body).id, steps, change=context.decision, kind=self.name, index=next_index(),
            effective=self.counts(body), at=context.at,
        )  # fmt: skip


def target_of(body: JSONObject) -> TargetView:
    """The target that a body names, adopted; raises EffectRefused where there is none."""
    try:
        found = any_target(str(body["target"]))
        if found.adopted is None:
            raise TargetNotAdopted("Nobody has looked at what this directory holds", why=found.slug)
    except TargetRefused as error:
        raise _refused(error) from error
    return found


def directory_of(body: JSONObject, *, lock: bool = False, is_fresh: bool = False) -> Snapshot:
    """What the target's directory holds; `lock` takes its row, and reads anew.

    Raises EffectRefused where there is no such target. That a directory is away, or waits for what was decided before,
    says nothing about a change: TargetUnreadable and TargetBusy leave it where it stands.
    """
    one = target_of(body)
    if not lock:
        return fresh(one.path, now=None) if is_fresh else taken(one.path, now=None)
    row = Target.objects.select_for_update().get(pk=one.id)
    if row.plans.filter(state=PlanState.PLANNED).exists():
        raise TargetBusy("What was decided before is not written yet", why=one.slug)
    return fresh(one.path, now=None)


def finding(check: Check) -> Finding:
    """A check as people read it."""
    if check.outcome == "passed":
        notes = "; ".join(fault.message for fault in check.faults)
        return Finding(check.name, FindingState.PASS, notes or _HOLDS.get(check.name, f"Checked: {check.name}."))
    told = "; ".join(f"{code_of(one.code).meaning} {one.code}: {one.message}" for one in check.faults)[:1_000]
    state = FindingState.FAIL if check.outcome == "failed" else FindingState.NOT_EVALUATED
    return Finding(check.name, state, told, code_of(check.faults[0].code).next)


def event_step(
    found: Snapshot, event: GovernanceEvent, context: Applying, about: str = ""
) -> FileStep:  # fmt: skip
    """Upstream's line, with the decision beside what upstream reads."""
    extra: JSONObject = {
        "countersign": {"change": context.decision, "index": next_index(), "log": written_to(*_CHANGES).origin}
    }  # fmt: skip
    line = GovernanceEvent(
        event.event_type, event.epoch, event.key_id, event.payload, event.event_id, event.signature_hex, extra
    ).to_line()  # fmt: skip
    return appended(found.files, EVENT_LOG, line, about)


def next_index() -> int:
    """Where in `_governance/changes` the decision will stand: its head is locked, and its event comes next."""
    return written_to(*_CHANGES).size


def second_of(context: Applying) -> int:
    """The unix second of an execution."""
    return int(context.at.now.timestamp())


def broken(
    found: Directory, records: dict[str, OperatorRecord] | None = None, epoch: int | None = None
) -> list[str]:  # fmt: skip
    """The contracts whose resolution hash breaks, each in words."""
    rows = [one for one in effects(found, records, epoch) if one.standing is Standing.BREAKS]
    return [
        f"{'The active contract' if one.is_active else 'The contract'} {one.contract.nullspec_id.hex()[:12]} for "
        f"{one.contract.oracle_id} on {one.contract.holdout_handle} fits no claim that is frozen afterwards."
        for one in rows[:200]
    ]


def readable(found: Snapshot, path: str) -> Check:
    """Whether everything of a file was read that is written anew: nothing of it must be lost."""
    return Check("readable", tuple(unread(found.directory, path)))


def _why(checks: Iterable[Check]) -> str:
    faults = [f"{one.name}: {fault.code} ({fault.message})" for one in checks if one.outcome != "passed"
              for fault in one.faults]  # fmt: skip
    return "; ".join(faults)[:800]


def _refused(error: TargetRefused) -> EffectRefused:
    return EffectRefused(
        error.what, why=f"{error.code}: {error.why}", path="$.target", next_step=error.next_step
    )  # fmt: skip
