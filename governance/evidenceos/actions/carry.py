"""What a decided change writes, from the journal to the disk.

Guarantees the order: the decision and its event first (the journal is written in their transaction), then upstream's
line, then the files, each durably, then the daemon is told. A crash at any moment is ended by whoever comes next,
because each step is recognised as done or due from the disk itself. Two writers exclude each other by the lock of the
directory; what somebody else wrote meanwhile is never written over.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from governance.evidenceos.actions.reload import mark_lock, mark_log
from governance.evidenceos.core.directory import LOCK
from governance.evidenceos.core.steps import Act, FileStep, Progress, progress, step_of
from governance.evidenceos.core.watched import is_watched
from governance.evidenceos.errors_of_targets import TargetBusy, TargetMoved, TargetRefused
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.files.writing import Reached, carry_step, clear_unfinished, now_at, nowhere
from governance.evidenceos.models import Artefact, Effective, Plan, PlanState, Sighting, Target
from governance.identity.moment import Moment
from ledger.errors import LedgerError
from ledger.services import system_events
from ledger.services.system_event import SystemEvent

log = logging.getLogger(__name__)


def plan(
    target: int, steps: Sequence[FileStep], *, change: str, kind: str, index: int, effective: Effective, at: Moment
) -> Plan:
    """Write the journal of a change within its transaction; the files follow once that is committed.

    Raises TargetBusy where what was decided before is not written yet.
    """
    row = Target.objects.select_for_update().get(pk=target)
    if row.plans.filter(state=PlanState.PLANNED).exists():
        raise TargetBusy("What was decided before is not written yet", why=row.slug)
    made = Plan.objects.create(
        public_id=at.new_id(), target=row, change=change, kind=kind, index=index, effective=effective,
        steps=[step.to_json() for step in steps], created=at.now,
    )  # fmt: skip
    transaction.on_commit(lambda: quietly(made.pk, at.now))
    return made


def quietly(number: int, now: datetime) -> bool:
    """Write what can be written now; whatever hinders it is kept with the plan, told, and tried again by the task."""
    try:
        carry(number, now)
    except TargetRefused:
        return False
    except Exception:
        log.exception("a decided change could not be written", extra={"plan": number})
        return False
    return True


def carry(number: int, now: datetime, reached: Reached = nowhere) -> Plan:
    """Write a plan that is not written yet, from where the last one stopped.

    Raises TargetBusy, TargetMoved, TargetUnwritable, TargetUnreadable; each is kept with the plan.
    """
    row = Plan.objects.select_related("target").get(pk=number)
    root = Path(row.target.path)
    reached("planned")
    try:
        with alone_in(root):
            row.refresh_from_db()
            if row.state == PlanState.PLANNED:
                _carry(row, root, now, reached)
    except TargetRefused as error:
        _hindered(row, error)
        raise
    reached("closed")
    return row


def _carry(row: Plan, root: Path, now: datetime, reached: Reached) -> None:
    steps = [step_of(one) for one in row.steps]
    if row.effective == Effective.STOPPED and (root / LOCK).exists():
        raise TargetBusy("The daemon holds the directory, and would write over this", why=LOCK)
    clear_unfinished(root, {step.path for step in steps})
    lines = {step.path: _line(row, root, step) for step in steps if step.act is Act.APPEND}
    for place, step in enumerate(steps):
        reached(f"before {place}")
        carry_step(root, step, reached)
        reached(f"after {place}")
    _close(row, root, steps, lines, now)
    reached("written")
    told = {"target": row.target.slug, "change": row.change, "index": row.index, "files": [one.path for one in steps]}
    system_events.record(SystemEvent.EVIDENCEOS_WRITTEN, told)


def _line(row: Plan, root: Path, step: FileStep) -> bool:
    """Whether the log of events is, but for our own line, as it was written or adopted last."""
    kept = Artefact.objects.filter(target=row.target, path=step.path).first()
    now = now_at(root, step.path) or b""
    if kept is None:
        return not now or progress(step, now) is Progress.DONE
    began = hashlib.sha256(now[: kept.size]).hexdigest() == kept.sha256
    return began and now[kept.size :] in {b"", *(step.data[:size] for size in range(1, len(step.data) + 1))}


@transaction.atomic
def _close(row: Plan, root: Path, steps: Sequence[FileStep], lines: dict[str, bool], now: datetime) -> None:
    """The plan is written, and its files are what the watcher expects from here on."""
    Target.objects.select_for_update().get(pk=row.target_id)
    if Plan.objects.get(pk=row.pk).state != PlanState.PLANNED:
        raise TargetMoved("This was given up while it was written", why=row.change)
    for step in steps:
        if is_watched(step.path) and lines.get(step.path, True):
            _keep(row, step.path, now_at(root, step.path) or b"", now)
    row.state, row.ended, row.code, row.why = PlanState.WRITTEN, now, "", ""
    row.log_mark, row.lock_mark = mark_log(row.target), mark_lock(row.target)
    row.save(update_fields=["state", "ended", "code", "why", "log_mark", "lock_mark"])


def _keep(row: Plan, path: str, data: bytes, now: datetime) -> None:
    Artefact.objects.update_or_create(
        target=row.target, path=path,
        defaults={
            "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "plan": row, "change": row.change,
            "index": row.index, "written": now, "reload_sent": None, "observed": None, "observed_by": "",
            "drifted": None,
        },
    )  # fmt: skip
    Sighting.objects.filter(target=row.target, path=path, ended__isnull=True).update(
        ended=now, ended_by=f"change:{row.change}"
    )


def _hindered(row: Plan, error: LedgerError) -> None:
    """Keep and tell why it is not written; said once for each reason."""
    why = str(error)[:500]
    if (row.code, row.why) == (error.code, why):
        return
    Plan.objects.filter(pk=row.pk, state=PlanState.PLANNED).update(code=error.code, why=why)
    told: dict[str, Any] = {"target": row.target.slug, "change": row.change, "code": error.code, "why": why}
    system_events.record(SystemEvent.EVIDENCEOS_REFUSED, told)


def unwritten(slug: str = "") -> list[Plan]:
    """Plans that are decided and not written yet, oldest first."""
    rows = Plan.objects.filter(state=PlanState.PLANNED).select_related("target").order_by("id")
    return list(rows.filter(target__slug=slug) if slug else rows)


def moved(row: Plan) -> bool:
    """Whether somebody else's bytes stand in the way of a plan."""
    return row.code == TargetMoved.code
