"""A data directory as it is at this moment, read and verified, and kept until a file of it moves.

Guarantees that what is kept is never older than the last writing of any file below the directory: inode, size and
nanosecond of each file are compared at every look.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from governance.evidenceos.core.directory import Asked, Directory
from governance.evidenceos.core.importing import read_directory
from governance.evidenceos.files.reading import Signature, listed, read

MOST_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The directory as it was read, and the bytes of its files by path."""

    directory: Directory
    files: dict[str, bytes]


_kept: OrderedDict[tuple[str, bool], tuple[Signature, int | None, Snapshot]] = OrderedDict()
_lock = Lock()


def taken(root: Path, *, now: int | None, whole: bool = False) -> Snapshot:
    """Read and verify the directory; `now` is the unix second that records are held against, to the minute.

    `whole` reads the log and everything else that no change touches, too. Raises TargetUnreadable.
    """
    key, minute = (str(root), whole), None if now is None else now // 60
    signature = listed(root, whole=whole).signature
    with _lock:
        known = _kept.get(key)
    if known is not None and known[:2] == (signature, minute):
        return known[2]
    found = fresh(root, now=now, whole=whole)
    with _lock:
        _kept[key] = (signature, minute, found)
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def fresh(root: Path, *, now: int | None, whole: bool = False) -> Snapshot:
    """The same, always from the disk: what is decided by goes by this."""
    found = read(root, whole=whole)
    return Snapshot(read_directory(found.files, Asked(now=now), found.refused), found.files)
