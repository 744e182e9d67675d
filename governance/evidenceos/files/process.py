"""The process that a pid file names, and whether it is still the one that the file was written for.

Guarantees that a signal reaches no other program: a process that began after the file was written, or after the lock
of the directory was taken, got the number of one that is gone; one of another name is another program. The process is
held by a descriptor between the look and the signal, so that the number cannot pass to another one in between.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

from governance.evidenceos.core.directory import LOCK
from governance.evidenceos.errors_of_targets import TargetUnreadable

PROC: Final = Path("/proc")
SLACK_S: Final = 2.0
"""The moment of boot is told in whole seconds, and a process's own in ticks since then."""
_ENDED: Final = frozenset({"Z", "X", "x"})
_NAME_BYTES: Final = 15
"""So much of a program's name the kernel keeps."""


def hang_up(pid_file: Path, root: Path, program: str = "") -> None:
    """Send SIGHUP to the daemon of the directory `root`; `program` is the name that it must have, if one is known.

    Raises TargetUnreadable where it is gone, is another process, or cannot be looked at.
    """
    number = _number(pid_file)
    try:
        handle = os.pidfd_open(number)
    except ProcessLookupError as error:
        raise _refused(pid_file, f"there is no process {number}: the daemon is gone") from error
    except OSError as error:
        raise _refused(pid_file, f"process {number}: {error.strerror}") from error
    try:
        _check(pid_file, root, number, program)
        signal.pidfd_send_signal(handle, signal.SIGHUP)
    except OSError as error:
        raise _refused(pid_file, f"process {number}: {error.strerror or error}") from error
    finally:
        os.close(handle)


def _number(pid_file: Path) -> int:
    try:
        number = int(pid_file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise _refused(pid_file, f"{error.strerror or error}") from error
    except ValueError as error:
        raise _refused(pid_file, "it holds no process id") from error
    if number <= 1:
        raise _refused(pid_file, f"{number} is no daemon's process id")
    return number


def _check(pid_file: Path, root: Path, number: int, program: str) -> None:
    state, began = _standing(number)
    if state in _ENDED:
        raise _refused(pid_file, f"process {number} has ended")
    if began > pid_file.stat().st_mtime + SLACK_S:
        raise _refused(pid_file, f"process {number} began after the file was written: it is another one")
    with suppress(FileNotFoundError):
        if began > (root / LOCK).stat().st_mtime + SLACK_S:
            raise _refused(pid_file, f"process {number} began after {LOCK} was taken: another one holds the directory")
    names = _names(number)
    if program and program.encode()[:_NAME_BYTES] not in {name[:_NAME_BYTES] for name in names}:
        told = b", ".join(sorted(names)).decode("utf-8", "replace")
        raise _refused(pid_file, f"process {number} is {told or 'of no known name'}, not {program}")


def _standing(number: int) -> tuple[str, float]:
    """The state of a process, and when it began in seconds of the epoch (proc(5), fields 3 and 22 of stat)."""
    fields = (PROC / str(number) / "stat").read_bytes().rpartition(b")")[2].split()
    boot = next(line for line in (PROC / "stat").read_bytes().splitlines() if line.startswith(b"btime "))
    return fields[0].decode(), int(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _names(number: int) -> set[bytes]:
    """What the process is called: by the kernel, by its program's file, by its own first word."""
    here = PROC / str(number)
    found = {(here / "comm").read_bytes().strip()}
    with suppress(OSError):
        found.add((here / "exe").readlink().name.encode())
    first = (here / "cmdline").read_bytes().split(b"\0")[0]
    return {*found, first.rpartition(b"/")[2]} - {b""}


def _refused(pid_file: Path, why: str) -> TargetUnreadable:
    return TargetUnreadable("The daemon could not be told", why=f"{pid_file}: {why}")
