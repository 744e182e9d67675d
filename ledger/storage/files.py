"""Files as a store: one file per key, created once.

Guarantees that a file has all its bytes or is not there (temporary file, sync, link, sync of the directory),
also when two processes write the same key at once: the first link wins, the other one compares. Not for
network file systems.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ledger.errors import IntegrityLost, NotThere

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII)


class FileStore:
    """Keys are paths below `root`, which is made when something is put."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> bool:
        """Create `key` durably; False where equal bytes stand there already. Raises IntegrityLost for
        others.
        """
        target = self._path(key)
        try:
            return _same(key, target.read_bytes(), data)
        except FileNotFoundError:
            _make_directories(target.parent, self.root)
        temporary = _written(target.parent, data)
        try:
            os.link(temporary, target)
        except FileExistsError:
            return _same(key, target.read_bytes(), data)
        finally:
            temporary.unlink()
            _sync_directory(target.parent)
        return True

    def put_file(self, key: str, source: Path) -> None:
        """Store the bytes of the file `source` durably, in place of what stood there; memory stays small."""
        target = self._path(key)
        _make_directories(target.parent, self.root)
        with source.open("rb") as file:
            temporary = _copied(target.parent, file)
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


def _written(directory: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=directory, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _copied(directory: Path, source: BinaryIO) -> Path:
    handle, name = tempfile.mkstemp(dir=directory, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


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
