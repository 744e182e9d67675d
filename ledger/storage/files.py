"""Files as a store: one file per key, created once.

Guarantees that a file has all its bytes or is not there (temporary file, sync, link, sync of the directory),
also when two processes write the same key at once: the first link wins, the other one compares and syncs too, since
the first may have died before. A volume without room keeps nothing of what did not fit. Not for network file systems.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ledger.errors import IntegrityLost, NotThere, StorageFull

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)
_TEMPORARY = ".new-"


class FileStore:
    """Keys are paths below `root`, which is made when something is put."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> bool:
        """Create `key` durably; False where equal bytes stand there already. Raises IntegrityLost for
        others, StorageFull.
        """
        target = self._path(key)
        with _room():
            _make_directories(target.parent, self.root)
            if target.exists():
                return self._compared(key, target, data)
            with _temporary(target.parent) as (file, temporary):
                file.write(data)
                _sync(file)
                try:
                    os.link(temporary, target)
                except FileExistsError:
                    return self._compared(key, target, data)
            _sync_directory(target.parent)
        return True

    def _compared(self, key: str, target: Path, data: bytes) -> bool:
        _sync_directory(target.parent)
        return _same(key, target.read_bytes(), data)

    def put_file(self, key: str, source: Path) -> None:
        """Store the bytes of the file `source` durably, in place of what stood there; memory stays small.

        Raises StorageFull.
        """
        target = self._path(key)
        with _room(), source.open("rb") as given:
            _make_directories(target.parent, self.root)
            with _temporary(target.parent) as (file, temporary):
                shutil.copyfileobj(given, file, 1 << 20)
                _sync(file)
                temporary.replace(target)
            _sync_directory(target.parent)

    def open(self, key: str) -> BinaryIO:
        """The bytes as a stream; raises NotThere."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotThere("There is nothing under this key", why=key) from error

    def get(self, key: str) -> bytes:
        """The bytes under `key`; raises NotThere."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise NotThere("There is nothing under this key", why=key) from error

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below the directory `prefix`, in no order; temporary files are left out."""
        base = self._path(prefix)
        for place, _, names in os.walk(base):
            for name in names:
                if not name.startswith("."):
                    yield (Path(place) / name).relative_to(self.root).as_posix()

    def delete(self, key: str) -> None:
        """Remove `key` durably; nothing happens where there is none."""
        target = self._path(key)
        target.unlink(missing_ok=True)
        if target.parent.is_dir():
            _sync_directory(target.parent)

    def sweep(self, before: float) -> int:
        """Remove what killed writers left half-written before that time (seconds since 1970); returns how many."""
        left = [path for path in self.root.rglob(f"{_TEMPORARY}*") if path.stat().st_mtime < before]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def path(self, key: str) -> Path:
        """Where the file of `key` lies or would lie."""
        return self._path(key)

    def _path(self, key: str) -> Path:
        if _KEY.fullmatch(key) is None:
            raise NotThere("A key is not a path of plain names", why=key[:80])
        return self.root / key


def _same(key: str, held: bytes, data: bytes) -> bool:
    if held != data:
        raise IntegrityLost("Other bytes stand under this key", why=f"{key}: {len(held)} bytes, {len(data)} given")
    return False


@contextmanager
def _temporary(directory: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file beside its place, which is gone in the end, unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=directory, prefix=_TEMPORARY)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise StorageFull("The volume has no room for this", why=str(error.strerror)) from error


def _make_directories(directory: Path, root: Path) -> None:
    """Make what is missing from `root` down, syncing each parent, so that a name survives with its file."""
    if directory.is_dir():
        return
    if directory != root:
        _make_directories(directory.parent, root)
        directory.mkdir(exist_ok=True, mode=0o700)
        _sync_directory(directory.parent)
    else:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
