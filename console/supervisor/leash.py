"""Start a program that dies with its parent: `python -I -S leash.py SIGNAL UID GID PROGRAM ARGUMENT...`.

It stands in between because the kernel forgets the death signal when the user changes, so it has to be asked
for after that and before the program starts; and because forking with Python code in between is unsafe beside
threads. Uses the standard library alone. UID and GID are -1 where the account stays.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
LAUNCHER_GONE = 1


def main() -> None:
    """Drop to the account, ask for the signal, become the program."""
    death_signal, uid, gid = map(int, sys.argv[1:4])
    parent = int(os.environ.pop("COUNTERSIGN_SUPERVISOR_PID", "0"))
    os.umask(0o077)  # whatever the program makes, its owner alone may read
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
        if parent and os.getppid() != parent:  # it died before we asked
            sys.exit(LAUNCHER_GONE)
    os.execvp(sys.argv[4], sys.argv[4:])  # noqa: S606  (no shell is the point)


if __name__ == "__main__":
    main()
