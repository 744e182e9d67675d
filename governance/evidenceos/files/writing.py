"""Bytes onto the disk so that a crash at any moment leaves the old file or the new one, and nothing between.

Guarantees: a file is written beside its place, synced, compared once more with what it is to replace, renamed, and its
folder synced; a line is appended and synced. Nothing is written over what differs from what was planned. No link is
followed, no file is made outside of the directory. `reached` is called behind each of these moments, by its name.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from governance.evidenceos.core.steps import Act, FileStep, Progress, progress, tail_of
from governance.evidenceos.errors_of_targets import TargetMoved, TargetUnwritable
from governance.evidenceos.files.reading import TEMPORARY, read_one

Reached = Callable[[str], None]
NEW_FILE: Final = 0o640
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def nowhere(_point: str) -> None:
    """Nobody waits at any point."""


def carry_step(root: Path, step: FileStep, reached: Reached = nowhere) -> bool:
    """Do a step unless it is done; tell whether anything was written. Raises TargetMoved, TargetUnwritable."""
    with _told(step.path):
        _check_inside(root, step.path)
        found = progress(step, now_at(root, step.path))
        if found is Progress.OVERTAKEN:
            raise TargetMoved("A file is not as it was when this was decided", why=step.path)
        if found is Progress.DONE:
            return False
        if step.act is Act.APPEND:
            _append(root, step, found)
        else:
            _replace(root, step, reached)
        return True


def now_at(root: Path, path: str) -> bytes | None:
    """The bytes of a file, None where there is none; raises OSError."""
    try:
        return read_one(root, path)
    except FileNotFoundError:
        return None


def clear_unfinished(root: Path, paths: set[str]) -> None:
    """Remove what a crash left unfinished beside these files; the lock of the directory is held."""
    for folder in {(root / path).parent for path in paths}:
        with suppress(FileNotFoundError):
            for one in folder.iterdir():
                if one.name.startswith(TEMPORARY):
                    one.unlink(missing_ok=True)


def _replace(root: Path, step: FileStep, reached: Reached) -> None:
    place = root / step.path
    _folders(root, place.parent)
    beside = place.parent / f"{TEMPORARY}{os.getpid()}-{place.name}"[:200]
    try:
        _written(beside, step.data, _mode(place))
        reached("beside")
        if progress(step, now_at(root, step.path)) is Progress.OVERTAKEN:
            raise TargetMoved("A file moved while it was about to be written", why=step.path)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    reached("renamed")
    _sync_folder(place.parent)


def _written(beside: Path, data: bytes, mode: int) -> None:
    beside.unlink(missing_ok=True)
    handle = os.open(beside, _FLAGS, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def _append(root: Path, step: FileStep, found: Progress) -> None:
    """A whole line, or the rest of one that a crash cut off."""
    place = root / step.path
    line = tail_of(step, now_at(root, step.path) or b"") if found is Progress.PARTLY else step.data
    handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, NEW_FILE)
    try:
        size = os.fstat(handle).st_size
        _whole(handle, line, size)
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync_folder(place.parent)


def _whole(handle: int, line: bytes, size: int) -> None:
    """All of the line, or nothing of it: what a full disk took in part is cut off again."""
    try:
        done = os.write(handle, line)
        if done != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, size)
        raise


def _check_inside(root: Path, path: str) -> None:
    """No folder on the way is a link to somewhere else; raises TargetUnwritable."""
    folder = (root / path).parent
    if folder.resolve() != folder or not folder.is_relative_to(root):
        raise TargetUnwritable("A folder leads out of the directory", why=path)


def _mode(place: Path) -> int:
    try:
        return place.stat(follow_symlinks=False).st_mode & 0o777
    except FileNotFoundError:
        return NEW_FILE


def _folders(root: Path, folder: Path) -> None:
    """Make the folders that are not there, each synced into its parent."""
    if folder == root or folder.is_dir():
        return
    _folders(root, folder.parent)
    folder.mkdir(mode=0o750, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TargetUnwritable("The disk refused", why=f"{path}: {error.strerror or error}") from error
