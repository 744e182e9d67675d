"""Telling a daemon to read its files again, and seeing that it did.

Guarantees that *sent* and *observed* stay two things: sent is what we did; observed is a whole line of the daemon's own
log behind that moment, or its lock taken anew, and nothing else. Without a log it stays not evaluated. Whoever tells a
daemon holds its directory meanwhile, so that two portals, or two workers of one, tell it one after the other.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from governance.evidenceos.core.directory import LOCK
from governance.evidenceos.errors_of_targets import TargetBusy, TargetUnreadable
from governance.evidenceos.files.command import run_command
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.files.process import hang_up
from governance.evidenceos.models import Artefact, Effective, Plan, PlanState, Reload, Seen, Target
from ledger.core.types import JSONObject
from ledger.services import system_events
from ledger.services.system_event import SystemEvent

MOST_LOG: Final = 8 * 2**20
AGAIN: Final = timedelta(seconds=60)
"""How long a daemon that could not be told is left alone by the task."""
REJECTED: Final = "config_reload_rejected"
_LINE: Final = re.compile(rb"event\W{1,4}config_reload(_rejected)?\b")
_COLOURS: Final = re.compile(rb"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen, and in words; `seen` None is a reload that the daemon refused."""

    seen: Seen | None
    words: str


def effective_of(reload: str, kind: Effective) -> Effective:
    """How a daemon that is told by `reload` takes up what it reads at one: by a restart where nobody can tell it to."""
    return Effective.RESTART if kind is Effective.RELOAD and reload == Reload.NONE else kind


def mark_log(target: Target) -> JSONObject | None:
    """Which file the daemon's log is now, and how long; None without one."""
    if not target.log_file:
        return None
    with suppress(OSError):
        found = Path(target.log_file).stat()
        return {"inode": found.st_ino, "size": found.st_size}
    return {"inode": 0, "size": 0}


def mark_lock(target: Target) -> JSONObject:
    """Which file the daemon's lock is now; zeros where there is none."""
    with suppress(OSError):
        found = (Path(target.path) / LOCK).stat()
        return {"inode": found.st_ino, "changed": str(found.st_mtime_ns)}
    return {"inode": 0, "changed": "0"}


def send(row: Plan, now: datetime, *, at_once: bool = False) -> bool:
    """Tell the daemon, once for a written plan that needs it; tell whether it was done. What fails stays with the plan,
    and is tried again after a minute, or `at_once`.
    """
    if not _is_due(row) or (row.tried is not None and now < row.tried + AGAIN and not at_once):
        return False
    try:
        with alone_in(Path(row.target.path), patience=0):
            row.refresh_from_db(fields=["state", "reload_sent"])
            if not _is_due(row):
                return False
            _tell(row, now)
    except TargetBusy:
        return False
    except TargetUnreadable as error:
        _untold(row, error, now)
        return False
    return True


def observe(row: Plan, now: datetime) -> bool:
    """Look whether the daemon was seen to take up a written plan; tell whether that was found now."""
    if row.state != PlanState.WRITTEN or row.observed is not None:
        return False
    look = _restarted(row) or (None if row.effective == Effective.STOPPED else _logged(row))
    if look is None:
        return False
    if look.seen is None:
        Plan.objects.filter(pk=row.pk).update(code=REJECTED, why=look.words)
        return False
    with transaction.atomic():
        Plan.objects.filter(pk=row.pk).update(
            observed=now, observed_by=look.words, observed_as=look.seen, code="", why=""
        )  # fmt: skip
        Artefact.objects.filter(plan=row).update(observed=now, observed_by=look.words)
    told = {"target": row.target.slug, "change": row.change, "by": look.words}
    system_events.record(SystemEvent.EVIDENCEOS_OBSERVED, told)
    return True


def _is_due(row: Plan) -> bool:
    is_written = row.state == PlanState.WRITTEN and row.effective == Effective.RELOAD
    return is_written and row.reload_sent is None and row.target.reload != Reload.NONE


def _tell(row: Plan, now: datetime) -> None:
    """What the log says from before the signal on counts: the daemon may be faster than we are."""
    mark, target = mark_log(row.target), row.target
    if target.reload == Reload.SIGNAL:
        hang_up(Path(target.pid_file), Path(target.path), target.program)
    else:
        run_command([str(one) for one in target.command])
    with transaction.atomic():
        Plan.objects.filter(pk=row.pk).update(reload_sent=now, log_mark=mark, code="", why="")
        Artefact.objects.filter(plan=row).update(reload_sent=now)
    told = {"target": target.slug, "change": row.change, "how": str(target.reload)}
    system_events.record(SystemEvent.EVIDENCEOS_RELOADED, told)


def _untold(row: Plan, error: TargetUnreadable, now: datetime) -> None:
    """Keep and tell why the daemon could not be told; said once for each reason."""
    code, why = "reload_failed", str(error)[:500]
    is_known = (row.code, row.why) == (code, why)
    Plan.objects.filter(pk=row.pk).update(code=code, why=why, tried=now)
    if not is_known:
        told: JSONObject = {"target": row.target.slug, "change": row.change, "code": code, "why": why}
        system_events.record(SystemEvent.EVIDENCEOS_UNTOLD, told)


def _restarted(row: Plan) -> _Look | None:
    """A daemon makes its lock anew when it starts, and reads everything then."""
    now = mark_lock(row.target)
    if row.lock_mark is None or now["inode"] == 0 or now == row.lock_mark:
        return None
    return _Look(Seen.RESTART, f"The daemon was started again: {LOCK} is another one than when this was written.")


def _logged(row: Plan) -> _Look | None:
    """What whole lines behind the mark say of a reload: one that was taken counts, whatever was refused after it."""
    found = [one[1] for one in _LINE.finditer(_behind(row.target.log_file, row.log_mark))]
    if not found:
        return None
    if all(found):
        return _Look(None, f"It says {REJECTED}, and keeps what it had.")
    return _Look(Seen.RELOAD, "The daemon's log says config_reload.")


def _behind(path: str, mark: Any) -> bytes:
    """The whole lines of the log behind the mark; from its beginning where it is another file now, or was cut off."""
    if not path or not isinstance(mark, dict):
        return b""
    with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123  (a path of the server, read as it is)
        found = os.fstat(file.fileno())
        goes_on = found.st_ino == mark["inode"] and found.st_size >= mark["size"]
        file.seek(max(int(mark["size"]) if goes_on else 0, found.st_size - MOST_LOG))
        whole = file.read(MOST_LOG).rpartition(b"\n")[0]
        return _COLOURS.sub(b"", whole)
    return b""
