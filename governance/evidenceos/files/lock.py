"""One writer at a time in a data directory, whoever runs it: a lock on the directory itself.

Guarantees that two portals, or two workers of one, never write at once; that nothing is left behind (the kernel lets
go when a process dies, and no file is made for it); and that somebody who cannot have it is refused, not kept waiting.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from governance.evidenceos.errors_of_targets import TargetBusy, TargetUnreadable

PATIENCE_S: Final = 5.0
STEP_S: Final = 0.02


@contextmanager
def alone_in(root: Path, patience: float = PATIENCE_S) -> Iterator[None]:
    """Hold the directory while the block runs; raises TargetUnreadable, or TargetBusy after `patience` seconds."""
    try:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise TargetUnreadable("The directory cannot be opened", why=f"{error.strerror or error}") from error
    try:
        _take(handle, patience)
        yield
    finally:
        os.close(handle)


def _take(handle: int, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise TargetBusy("Somebody else writes in this directory", why="its lock is held") from None
            time.sleep(STEP_S)
        else:
            return
