"""The watcher: what was decided is written, the daemon is told and watched, and foreign writes are found.

Guarantees that a file that is not as it was written or adopted last has one open sighting with its event, for as long
as that lasts; that the daemon's own files are none of its business; and that one target that cannot be read keeps no
other from being looked at.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from django.db import transaction

from governance.evidenceos.actions.carry import quietly, unwritten
from governance.evidenceos.actions.reload import observe, send
from governance.evidenceos.core.directory import Directory
from governance.evidenceos.core.watched import is_watched
from governance.evidenceos.errors_of_targets import TargetRefused
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.files.snapshot import Snapshot, taken
from governance.evidenceos.models import Artefact, CanarySample, Found, Plan, PlanState, Sighting, Target
from governance.identity.moment import Moment
from ledger.services import system_events
from ledger.services.system_event import SystemEvent

log = logging.getLogger(__name__)
LOOKED_AT = 20
SHOWN = "etl_key.rotate"
"""Observed by a tree head of the new key alone."""


def tend(at: Moment, *, at_once: bool = False) -> int:
    """Go on with everything that is open, then look at every adopted target; returns how many sightings are open. A
    daemon that could not be told is tried again after a minute, or `at_once`.
    """
    for plan in unwritten():
        quietly(plan.pk, at.now)
    for target in Target.objects.filter(adopted__isnull=False):
        try:
            tend_one(target, at, at_once=at_once)
        except Exception:
            log.exception("a data directory could not be looked at", extra={"target": target.slug})
    return Sighting.objects.filter(ended__isnull=True).count()


def tend_one(target: Target, at: Moment, *, at_once: bool = False) -> None:
    """Tell and watch the daemon of one target, and compare its directory; what cannot be read is a sighting."""
    written = Plan.objects.filter(target=target, state=PlanState.WRITTEN, observed__isnull=True)
    for plan in written.exclude(kind=SHOWN).select_related("target").order_by("-id")[:LOOKED_AT]:
        if not send(plan, at.now, at_once=at_once):
            observe(plan, at.now)
    try:
        with alone_in(Path(target.path), patience=0):
            found = taken(Path(target.path), now=None)
    except TargetRefused as error:
        if error.code == "target_unreadable":
            _see(target, "", Found.UNREADABLE, "", "", at)
        return
    compare(target, found, at)
    sample(target, found.directory, at.now)


@transaction.atomic
def compare(target: Target, found: Snapshot, at: Moment) -> None:
    """Open a sighting for everything that differs, and end those of what does not any more."""
    Target.objects.select_for_update().get(pk=target.pk)
    rows = {row.path: row for row in found.directory.files if is_watched(row.path)}
    kept = {row.path: row for row in Artefact.objects.filter(target=target)}
    moving = {str(step["path"]) for plan in unwritten(target.slug) for step in plan.steps}
    differing = set()
    for path in sorted({*rows, *kept} - moving):
        now = rows[path].digest if path in rows else ""
        expected = kept[path].sha256 if path in kept else ""
        if now != expected or (path in rows and not now):
            differing.add(path)
            _see(target, path, _code(is_there=path in rows, digest=now, expected=expected), expected, now, at)
    _settle(target, differing | moving, at)


def _code(*, is_there: bool, digest: str, expected: str) -> Found:
    if not is_there:
        return Found.MISSING
    if not digest:
        return Found.UNREADABLE
    return Found.ALTERED if expected else Found.APPEARED


def _see(target: Target, path: str, code: Found, expected: str, found: str, at: Moment) -> None:
    """One open sighting for a path; another alteration of it ends the one before."""
    rows = Sighting.objects.filter(target=target, path=path, ended__isnull=True)
    same = rows.filter(code=code, found=found).exists()
    if same:
        return
    rows.update(ended=at.now, ended_by="altered again")
    Sighting.objects.create(
        public_id=at.new_id(), target=target, path=path, code=code, expected=expected, found=found, seen=at.now
    )  # fmt: skip
    Artefact.objects.filter(target=target, path=path).update(drifted=at.now)
    told = {"target": target.slug, "path": path, "code": code.value, "expected": expected, "found": found}
    system_events.record(SystemEvent.EVIDENCEOS_DRIFTED, told)


def _settle(target: Target, differing: set[str], at: Moment) -> None:
    for row in Sighting.objects.filter(target=target, ended__isnull=True).exclude(path__in=differing):
        row.ended, row.ended_by = at.now, "as it was"
        row.save(update_fields=["ended", "ended_by"])
        Artefact.objects.filter(target=target, path=row.path).update(drifted=None)
        told = {"target": target.slug, "path": row.path, "code": row.code}
        system_events.record(SystemEvent.EVIDENCEOS_SETTLED, told)


def sample(target: Target, found: Directory, now: datetime) -> None:
    """Keep each canary that is not as it was seen last: written last, since a clock may go back."""
    for key, held in found.canaries.items():
        last = CanarySample.objects.filter(target=target, key=key[:300]).order_by("-id").first()
        seen = (held.e_drift, held.barrier, held.last_epoch_checked, held.drift_frozen)
        if last is None or (last.e_drift, last.barrier, int(last.epoch), last.frozen) != seen:
            CanarySample.objects.create(
                target=target, key=key[:300], e_drift=seen[0], barrier=seen[1], epoch=seen[2], frozen=seen[3], at=now
            )  # fmt: skip
