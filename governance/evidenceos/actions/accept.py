"""What somebody else wrote is taken for what should be there, file by file, by the very bytes that were decided.

Guarantees that nothing is accepted which is not on the disk as the decision names it, and that each file keeps the
decision and its place in the record; the bytes themselves are not touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from governance.evidenceos.actions.target import SOURCE
from governance.evidenceos.errors_of_targets import TargetMoved
from governance.evidenceos.events import EvidenceOSEvent
from governance.evidenceos.files.snapshot import fresh
from governance.evidenceos.models import Artefact, Sighting, Target
from governance.evidenceos.selectors.drift import digests
from governance.evidenceos.selectors.targets import TargetView
from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject

ACCEPTED = "drift.accept"
"""The kind of change that governs it, and the end of a decision that was not written."""


@dataclass(frozen=True, kw_only=True)
class AcceptDrift(Action[Target]):
    """`files` are paths with the SHA-256 that is there, '' where the file is gone."""

    source: ClassVar[str] = SOURCE
    governed_by: ClassVar[str | None] = ACCEPTED

    one: TargetView
    files: Mapping[str, str]
    sizes: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """The disk holds what was decided; raises NotAllowed, TargetMoved, TargetUnreadable."""
        self.require_platform()
        Target.objects.select_for_update().get(pk=self.one.id)
        found = fresh(self.one.path, now=None)
        there = digests(found)
        for path, wanted in self.files.items():
            if there.get(path, "") != wanted or (path in there and not wanted):
                raise TargetMoved("A file is not what was decided about", why=path)
        self.sizes.update({row.path: row.size for row in found.directory.files})

    def execute(self) -> Target:
        """What is expected from here on."""
        row = Target.objects.get(pk=self.one.id)
        for path, wanted in self.files.items():
            if wanted:
                self._expect(row, path, wanted)
            else:
                Artefact.objects.filter(target=row, path=path).delete()
        ended = {"ended": self.at.now, "ended_by": f"change:{self.decision}" if self.decision else self.by.actor}
        Sighting.objects.filter(target=row, path__in=[*self.files], ended__isnull=True).update(**ended)
        return row

    def _expect(self, row: Target, path: str, digest: str) -> None:
        Artefact.objects.update_or_create(
            target=row, path=path,
            defaults={
                "sha256": digest, "size": self.sizes[path], "plan": None, "change": self.decision or "", "index": -1,
                "written": self.at.now, "reload_sent": None, "observed": None, "observed_by": "", "drifted": None,
            },
        )  # fmt: skip

    def record(self, result: Target) -> Record:
        """Which files, by their bytes."""
        files: JSONObject = {**self.files}
        return Record(EvidenceOSEvent.DRIFT_ACCEPTED, str(result.public_id), {"target": result.slug, "files": files})

    def settle(self, result: Target, index: int) -> Target:
        """The place in the record."""
        Artefact.objects.filter(target=result, index=-1).update(index=index)
        return result


def accept_drift(
    one: TargetView, files: Mapping[str, str], *, by: Principal, at: Moment, decision: str | None
) -> Target:  # fmt: skip
    """Accept these files as they are; raises DecisionNeeded, NotAllowed, TargetMoved, TargetUnreadable."""
    return AcceptDrift(one=one, files=files, by=by, at=at, decision=decision).run()
