"""A directory is taken over as it is: everything read and verified, what does not verify told, no byte changed.

Guarantees that the record says what was found, file by file, and that from here on the watcher compares with exactly
this. Adopting again accepts what others wrote since: once the deployment is founded that takes a decision of the kind
`drift.accept`, file by file, and not this.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from governance.evidenceos.actions.accept import ACCEPTED
from governance.evidenceos.actions.target import SOURCE
from governance.evidenceos.core.directory import Directory, FileReading, file_rows
from governance.evidenceos.core.watched import is_watched
from governance.evidenceos.errors_of_targets import TargetBusy
from governance.evidenceos.events import EvidenceOSEvent
from governance.evidenceos.files.snapshot import fresh
from governance.evidenceos.models import Adoption, Artefact, PlanState, Sighting, Target
from governance.evidenceos.selectors.targets import any_target
from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from governance.identity.selectors.founding import need_decision
from ledger.core.canonical import canonical
from ledger.core.types import JSONObject


@dataclass(frozen=True, kw_only=True)
class Adopt(Action[Adoption]):
    """Read the whole directory, and keep what it holds as what it should hold."""

    source: ClassVar[str] = SOURCE

    target: Target

    def check(self) -> None:
        """Platform operators and whoever sits at the server; nothing that was decided may still be unwritten.

        Raises DecisionNeeded for a second time in a founded deployment, NotAllowed, TargetBusy.
        """
        self.require_platform()
        if self.target.adopted is not None:
            need_decision(ACCEPTED, self.decision)
        Target.objects.select_for_update().get(pk=self.target.pk)
        if self.target.plans.filter(state=PlanState.PLANNED).exists():
            raise TargetBusy("What was decided before is not written yet", why=self.target.slug)

    def execute(self) -> Adoption:
        """Rows of what is there; raises TargetUnreadable."""
        found = fresh(any_target(self.target.slug).path, now=int(self.at.now.timestamp()), whole=True).directory
        row = Adoption(
            public_id=self.at.new_id(), target=self.target, by=self.by.actor, verdict=found.verdict,
            files=file_rows(found), index=-1, at=self.at.now,
        )  # fmt: skip
        self._keep(found, self.at.now)
        self.target.adopted = self.at.now
        self.target.save(update_fields=["adopted"])
        return row

    def record(self, result: Adoption) -> Record:
        """How many files of each verdict, and the digest of all rows."""
        counts: JSONObject = {}
        for one in result.files:
            counts[one["verdict"]] = int(str(counts.get(one["verdict"], 0))) + 1
        digest = hashlib.sha256(canonical(result.files)).hexdigest()
        facts: JSONObject = {"target": self.target.slug, "verdict": result.verdict, "counts": counts, "files": digest}
        return Record(EvidenceOSEvent.TARGET_ADOPTED, str(self.target.public_id), facts)

    def settle(self, result: Adoption, index: int) -> Adoption:
        """The place in the record."""
        result.index = index
        result.save(force_insert=True)
        Artefact.objects.filter(target=self.target, index=-1).update(index=index)
        return result

    def _keep(self, found: Directory, now: datetime) -> None:
        there = {row.path: row for row in found.files if is_watched(row.path) and row.digest}
        kept = {row.path: row for row in Artefact.objects.filter(target=self.target)}
        for path, row in there.items():
            before = kept.pop(path, None)
            if before is None or before.sha256 != row.digest:
                _adopted(self.target, row, now)
        for one in kept.values():
            one.delete()
        Artefact.objects.filter(target=self.target).update(drifted=None)
        Sighting.objects.filter(target=self.target, ended__isnull=True).update(ended=now, ended_by=self.by.actor)


def adopt(slug: str, *, by: Principal, at: Moment) -> Adoption:
    """Take a directory over; raises DecisionNeeded, TargetUnknown, TargetUnreadable, TargetBusy."""
    target = Target.objects.get(pk=any_target(slug).id)
    return Adopt(target=target, by=by, at=at).run()


def _adopted(target: Target, row: FileReading, now: datetime) -> None:
    Artefact.objects.update_or_create(
        target=target, path=row.path,
        defaults={
            "sha256": row.digest, "size": row.size, "plan": None, "change": "", "index": -1, "written": now,
            "reload_sent": None, "observed": None, "observed_by": "", "drifted": None,
        },
    )  # fmt: skip
