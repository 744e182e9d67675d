"""Telling a daemon to read its files again, and seeing that it did.

Guarantees that *sent* and *observed* stay two things: sent is what we did; observed is a line of the daemon's own log
behind that moment, or its lock taken anew, and nothing else. Without a log it stays not evaluated.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from governance.evidenceos.core.directory import LOCK
from governance.evidenceos.errors_of_targets import TargetUnreadable
from governance.evidenceos.models import Artefact, Effective, Plan, PlanState, Reload, Target
from ledger.core.types import JSONObject
from ledger.services import system_events
from ledger.services.system_event import SystemEvent

COMMAND_S: Final = 30
MOST_LOG: Final = 8 * 2**20
_LINE: Final = re.compile(rb"event\W{1,4}config_reload(_rejected)?\b")


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


def send(row: Plan, now: datetime) -> bool:
    """Tell the daemon, once for a written plan that needs it; tell whether it was done. Failures stay with the plan."""
    due = row.state == PlanState.WRITTEN and row.effective == Effective.RELOAD and row.reload_sent is None
    if not due or row.target.reload == Reload.NONE:
        return False
    mark = mark_log(row.target)
    try:
        _signal(row.target) if row.target.reload == Reload.SIGNAL else _run(row.target)
    except TargetUnreadable as error:
        Plan.objects.filter(pk=row.pk).update(code="reload_failed", why=str(error)[:500])
        return False
    Plan.objects.filter(pk=row.pk).update(reload_sent=now, log_mark=mark, code="", why="")
    Artefact.objects.filter(plan=row).update(reload_sent=now)
    told = {"target": row.target.slug, "change": row.change, "how": str(row.target.reload)}
    system_events.record(SystemEvent.EVIDENCEOS_RELOADED, told)
    return True


def observe(row: Plan, now: datetime) -> bool:
    """Look whether the daemon was seen to take up a written plan; tell whether that was found now."""
    if row.state != PlanState.WRITTEN or row.observed is not None:
        return False
    seen = _restarted(row) or _logged(row)
    if seen is None:
        return False
    if seen == "config_reload_rejected":
        why = "It says config_reload_rejected, and keeps what it had."
        Plan.objects.filter(pk=row.pk).update(code=seen, why=why)
        return False
    Plan.objects.filter(pk=row.pk).update(observed=now, observed_by=seen, code="", why="")
    Artefact.objects.filter(plan=row).update(observed=now, observed_by=seen)
    told = {"target": row.target.slug, "change": row.change, "by": seen}
    system_events.record(SystemEvent.EVIDENCEOS_OBSERVED, told)
    return True


def _restarted(row: Plan) -> str | None:
    """A daemon makes its lock anew when it starts, and reads everything then."""
    with suppress(OSError):
        taken = datetime.fromtimestamp((Path(row.target.path) / LOCK).stat().st_mtime, UTC)
        if row.ended is not None and taken > row.ended:
            return f"The daemon was started again: its lock is of {taken:%Y-%m-%d %H:%M:%S} UTC."
    return None


def _logged(row: Plan) -> str | None:
    """The newest line about a reload behind the mark."""
    found = [one[1] for one in _LINE.finditer(_behind(row.target.log_file, row.log_mark))]
    if not found:
        return None
    return "config_reload_rejected" if found[-1] else "The daemon's log says config_reload."


def _behind(path: str, mark: Any) -> bytes:
    """The log behind the mark; from its beginning where it is another file now."""
    if not path or not isinstance(mark, dict):
        return b""
    with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123  (a path of the server, read as it is)
        same = os.fstat(file.fileno()).st_ino == mark["inode"]
        file.seek(int(mark["size"]) if same else 0)
        return file.read(MOST_LOG)
    return b""


def _signal(target: Target) -> None:
    try:
        number = int(Path(target.pid_file).read_text(encoding="ascii").strip())
        if number <= 1:
            raise ValueError(number)
        os.kill(number, signal.SIGHUP)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise TargetUnreadable("The daemon could not be told", why=f"{target.pid_file}: {error}") from error


def _run(target: Target) -> None:
    """The command that was entered at the server, without a shell."""
    try:
        subprocess.run([str(one) for one in target.command], check=True, timeout=COMMAND_S, capture_output=True)  # noqa: S603  (entered at the server alone)
    except (OSError, subprocess.SubprocessError) as error:
        raise TargetUnreadable("The daemon could not be told", why=str(error)[:300]) from error
