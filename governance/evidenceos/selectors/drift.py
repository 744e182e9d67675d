"""What of a directory is not as it was written or adopted last, and which decision waits to be written: now, not when
the watcher looked.
"""

from __future__ import annotations

from datetime import datetime

from governance.evidenceos.core.watched import is_watched
from governance.evidenceos.files.snapshot import Snapshot
from governance.evidenceos.models import Artefact, Plan, PlanState
from governance.evidenceos.selectors.targets import TargetView, snapshot


def digests(found: Snapshot) -> dict[str, str]:
    """SHA-256 of every file that nobody but us is to write; '' of one that could not be read."""
    return {row.path: row.digest for row in found.directory.files if is_watched(row.path)}


def expected(target: int) -> dict[str, str]:
    """SHA-256 of the same files as they should be."""
    return dict(Artefact.objects.filter(target_id=target).values_list("path", "sha256"))


def drift(one: TargetView, now: datetime) -> dict[str, str]:
    """By path what is found ('' where the file is gone) and was not expected; raises TargetUnreadable."""
    there, wanted = digests(snapshot(one, now)), expected(one.id)
    return {
        path: there.get(path, "") for path in sorted(there.keys() | wanted.keys())
        if there.get(path, "") != wanted.get(path, "") and there.get(path) != ""
    }  # fmt: skip


def waiting(target: int) -> str | None:
    """The change whose bytes are decided and not written; None where there is none."""
    return Plan.objects.filter(target_id=target, state=PlanState.PLANNED).values_list("change", flat=True).first()
