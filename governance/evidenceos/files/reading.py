"""A data directory read from the disk: bytes by relative path, and why a file could not be read.

Guarantees that nothing outside of the directory is read (no link is followed), that private keys below `keys/` are
never opened, and that one file that cannot be read keeps no other from being read. Changes nothing, not even times
of access where the system allows that.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from governance.evidenceos.core.directory import ACTIVE_KEY, LEAVES, LOCK, LOG
from governance.evidenceos.errors_of_targets import TargetUnreadable

MOST_BYTES: Final = 64 * 2**20
MOST_FILES: Final = 50_000
TEMPORARY: Final = ".countersign-"
"""How names of our own unfinished files begin; they are nobody's."""
HEAVY: Final = (LOG, LEAVES, "etl.log.levels/", "settlement_spool/", "holdouts/", "accounts.json", "envelope-packs/")
"""What no change touches: read only where everything is asked for."""

Signature: TypeAlias = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Paths with what tells whether a file moved: (path, inode, size, nanosecond of its last writing)."""

    signature: Signature
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """Bytes by path, and the reason of each file that could not be read."""

    files: dict[str, bytes]
    refused: dict[str, str]


def listed(root: Path, *, whole: bool = False) -> Listing:
    """Every file below `root`, without reading one; raises TargetUnreadable where there is no such directory."""
    rows, refused = list[tuple[str, int, int, int]](), dict[str, str]()
    for path, found in _walk(root, refused):
        if not whole and path.startswith(HEAVY):
            continue
        if not stat.S_ISREG(found.st_mode):
            refused[path] = "it is no plain file"
        elif found.st_size > MOST_BYTES and not _is_secret(path):
            refused[path] = f"it has {found.st_size:,} bytes, and at most {MOST_BYTES:,} are read"
        rows.append((path, found.st_ino, found.st_size, found.st_mtime_ns))
        if len(rows) > MOST_FILES:
            raise TargetUnreadable("The directory cannot be read", why=f"it holds more than {MOST_FILES:,} files")
    return Listing(tuple(sorted(rows)), refused)


def read(root: Path, *, whole: bool = False) -> Read:
    """The bytes of every file; private keys come empty. Raises TargetUnreadable."""
    found = listed(root, whole=whole)
    files, refused = dict[str, bytes](), dict(found.refused)
    for path, *_ in found.signature:
        if path in refused:
            continue
        try:
            files[path] = b"" if _is_secret(path) else read_one(root, path)
        except OSError as error:
            refused[path] = f"{error.strerror or error}"
    return Read(files, refused)


def read_one(root: Path, path: str) -> bytes:
    """The bytes of one file; raises OSError. No link is followed at its end."""
    handle = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        return file.read(MOST_BYTES + 1)


def digest_at(root: Path, path: str) -> str:
    """SHA-256 of a file in hex, '' where there is none; raises OSError where it cannot be read."""
    try:
        return hashlib.sha256(read_one(root, path)).hexdigest()
    except FileNotFoundError:
        return ""


def _walk(root: Path, refused: dict[str, str]) -> Iterator[tuple[str, os.stat_result]]:
    if not root.is_absolute() or not root.is_dir():
        raise TargetUnreadable("There is no such directory", why=str(root)[:200])
    try:
        yield from _below(root, "", refused)
    except OSError as error:
        raise TargetUnreadable("The directory cannot be read", why=f"{error.strerror or error}") from error


def _below(root: Path, folder: str, refused: dict[str, str]) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(root / folder) as entries:
        found = sorted(entries, key=lambda one: one.name)
    for entry in found:
        path = f"{folder}{entry.name}"
        if entry.name.startswith(TEMPORARY):
            continue
        if entry.is_dir(follow_symlinks=False):
            try:
                yield from _below(root, f"{path}/", refused)
            except OSError as error:
                refused[f"{path}/"] = f"{error.strerror or error}"
        else:
            yield path, entry.stat(follow_symlinks=False)


def _is_secret(path: str) -> bool:
    """Whether a file's name is all that anybody looks at: seeds of the log, and the lock."""
    return path == LOCK or (path.startswith("keys/") and path != ACTIVE_KEY)
