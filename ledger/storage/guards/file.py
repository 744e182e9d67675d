"""Files as a head guard: one document for each origin, on a volume of its own.

Guarantees that a document is whole, old or new, wherever a writer is killed, and that every success was written
durably by the call that tells it, also where an earlier call may have died before its sync. A document that fits one
sector is overwritten in place and synced, as PostgreSQL does with its control file: a disk writes a sector whole or
not at all. Readers share the writers' lock, since memory knows no sectors. A longer or a new one is made by temporary
file, sync, rename and sync of the directory. Refuses network file systems, where neither locks nor syncs can be
relied upon, and a directory without its mark: a volume that is not mounted.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from ledger.core.head_guard import GuardHead, GuardState, Knows, Receipted, Swap, encode
from ledger.core.types import Hash
from ledger.storage.guards.errors import HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.mounts import local_file_system
from ledger.storage.guards.moves import after_advance, after_swap, state_of

MARK = "countersign-guard"
LOCK_WAIT_S = 10.0
SECTOR = 512
_POLL_S = 0.0002, 0.005
_READER_POLL_S = 0.0002, 0.001
"""Pauses between tries, and how long they grow; a reader's stay short, so that no busy writer keeps it out."""
_PADDING = b" "
_sync_data = getattr(os, "fdatasync", os.fsync)
"""The size never changes, so the data is all that has to reach the disk."""


class FileGuard:
    """Documents below `root`, which `initialise` has marked once."""

    def __init__(self, root: Path, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        """Open the guard; raises HeadGuardUnreachable for a network file system or a missing mark."""
        self.root = root
        self._lock_wait_s = lock_wait_s
        self._seen: tuple[int, int] | None = None
        self.check()

    @classmethod
    def initialise(cls, root: Path) -> FileGuard:
        """Make and mark the directory, durably; once for an installation."""
        with _unreachable("The guard's directory cannot be made"):
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_synced(root / MARK, b"")
            _sync_directory(root)
            _sync_directory(root.parent)
        return cls(root)

    def check(self) -> None:
        """Raise HeadGuardUnreachable unless this is the marked directory, on a local file system."""
        if not (self.root / MARK).is_file():
            raise HeadGuardUnreachable("The guard's volume is not there", why=f"no {MARK} in {self.root}")
        here = self.root.stat()
        if (here.st_dev, here.st_ino) == self._seen:
            return
        kind = local_file_system(self.root)
        if kind is not None:
            raise HeadGuardUnreachable("The guard lies on a network file system", why=f"{self.root}: {kind}")
        self._seen = (here.st_dev, here.st_ino)

    def shares_volume_with(self, other: Path) -> bool:
        """Whether one snapshot would roll back both: /ready warns then."""
        return self.root.stat().st_dev == other.stat().st_dev

    def create(self, origin: str) -> bool:
        """See HeadGuard."""
        with _unreachable("The guard cannot be written"), self._locked(origin):
            fresh = not self._path(origin).exists()
            self._write(origin, GuardState() if fresh else self._held(origin))
        return fresh

    def read(self, origin: str) -> GuardState:
        """See HeadGuard."""
        with _unreachable("The guard cannot be read"):
            if not self._path(origin).exists():  # Nothing is overwritten, and a look leaves no lock behind.
                return self._held(origin)
            with self._locked(origin, fcntl.LOCK_SH):  # Who overwrites a sector is seen half-way by who reads it.
                return self._held(origin)

    def advance_receipted(self, origin: str, size: int, leaf_hash: Hash, knows: Knows) -> Receipted:
        """See HeadGuard."""
        with _unreachable("The guard cannot be written"), self._locked(origin):
            held, state = after_advance(self._held(origin), Receipted(size, leaf_hash), knows)
            self._write(origin, state)
        return held

    def swap_head(self, origin: str, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash, knows: Knows) -> Swap:
        """See HeadGuard."""
        with _unreachable("The guard cannot be written"), self._locked(origin):
            outcome, state = after_swap(self._held(origin), expected, new, leaf_hash, knows)
            self._write(origin, state)
        return outcome

    def _held(self, origin: str) -> GuardState:
        try:
            return state_of(origin, self._path(origin).read_bytes().rstrip(_PADDING))
        except FileNotFoundError as error:
            self.check()
            raise HeadGuardMissing("There is no guard for this origin", why=origin) from error

    def _write(self, origin: str, state: GuardState) -> None:
        # Under the lock: the document and the temporary name are ours; what a killed writer left there is overwritten.
        target, data = self._path(origin), encode(origin, state).ljust(SECTOR, _PADDING)
        if len(data) == SECTOR and _overwritten(target, data):
            return
        temporary = target.with_suffix(".new")
        _write_synced(temporary, data)
        temporary.replace(target)
        _sync_directory(self.root)

    def _path(self, origin: str) -> Path:
        """Named by digest: an origin may be longer than a file's name; the document says whose it is."""
        return self.root / f"{sha256(origin.encode()).hexdigest()}.json"

    @contextmanager
    def _locked(self, origin: str, how: int = fcntl.LOCK_EX) -> Iterator[None]:
        """Held by one writer, or by readers, of all threads and processes; the kernel lets go when a holder dies."""
        self.check()
        lock = self._path(origin).with_suffix(".lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._wait_for(handle, how)
            yield
        finally:
            os.close(handle)

    def _wait_for(self, handle: int, how: int) -> None:
        end = time.monotonic() + self._lock_wait_s
        pause, longest = _READER_POLL_S if how == fcntl.LOCK_SH else _POLL_S
        while True:
            try:
                return fcntl.flock(handle, how | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > end:
                    raise HeadGuardUnreachable("Another process holds the guard's lock") from error
                time.sleep(pause)
                pause = min(2 * pause, longest)


@contextmanager
def _unreachable(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HeadGuardUnreachable(what, why=str(error)) from error


def _overwritten(target: Path, data: bytes) -> bool:
    """Write over a document of one sector, and sync; False where there is none of that size."""
    try:
        handle = os.open(target, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if os.fstat(handle).st_size != SECTOR:
            return False
        os.pwrite(handle, data, 0)
        _sync_data(handle)
    finally:
        os.close(handle)
    return True


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
