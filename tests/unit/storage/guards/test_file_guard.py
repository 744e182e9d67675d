"""The file guard under kills, torn files, other processes, and where it must not lie."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.core.head_guard import GuardState, Receipted, Swap
from ledger.storage.guards import FileGuard, file
from ledger.storage.guards.errors import HeadGuardCorrupt, HeadGuardMissing, HeadGuardUnreachable
from ledger.storage.guards.mounts import local_file_system
from tests.support.guard_writer import head, leaf

ROOT = Path(__file__).resolve().parents[4]
KILLED = 9


def known(held: Receipted) -> bool:
    return held.leaf_hash == leaf(held.size)


@pytest.fixture
def place(tmp_path: Path, origin: str) -> Path:
    FileGuard.initialise(tmp_path / "guard").create(origin)
    return tmp_path / "guard"


def document(place: Path, origin: str, suffix: str = ".json") -> Path:
    return (place / sha256(origin.encode()).hexdigest()).with_suffix(suffix)


def writer(place: Path, origin: str, first: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.guard_writer", f"file://{place}", origin, str(first)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str]) -> int:
    """Kill a writer; returns the last size that it acknowledged in a whole line."""
    process.kill()
    assert process.stdout is not None
    whole = process.stdout.read().rpartition("\n")[0].split()
    process.wait()
    return int(whole[-1]) if whole else 0


def _kill_in_a_loop(place: Path, origin: str, rounds: int) -> None:
    guard, size = FileGuard(place), 0
    for turn in range(rounds):
        process = writer(place, origin, size + 1)
        assert process.stdout is not None
        first = int(process.stdout.readline())
        time.sleep(0.0007 * (turn % 17))
        acknowledged = max(first, killed(process))
        held = guard.read(origin)
        assert held.receipted is not None
        assert acknowledged <= held.receipted.size <= acknowledged + 1
        assert held.receipted == Receipted(held.receipted.size, leaf(held.receipted.size))
        assert held.head is None or held.head == head(held.receipted.size // 4 * 4)
        size = held.receipted.size
    assert size > rounds


def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged(place: Path, origin: str) -> None:
    _kill_in_a_loop(place, origin, 15)


@pytest.mark.long
def test_a_writer_killed_three_hundred_times_loses_nothing_it_acknowledged(place: Path, origin: str) -> None:
    _kill_in_a_loop(place, origin, 300)


def _die(*_: object) -> None:
    os._exit(KILLED)


def _die_half_written(path: Path, data: bytes) -> None:
    path.write_bytes(data[: len(data) // 2])
    os._exit(KILLED)


STEPS: dict[str, tuple[object, str, Callable[..., None], int]] = {
    "before the overwriting": (os, "pwrite", _die, 1),
    "before its sync": (file, "_sync_data", _die, 2),
    "half a temporary file": (file, "_write_synced", _die_half_written, 1),
    "before the temporary file's sync": (os, "fsync", _die, 1),
    "before the rename": (Path, "replace", _die, 1),
    "before the directory's sync": (file, "_sync_directory", _die, 2),
}
"""Where it dies, and which size stands then. All but the first two on a document that is not one sector yet."""


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_this_step_the_old_or_the_new_state_stands(place: Path, origin: str, step: str) -> None:
    target, name, death, expected = STEPS[step]
    guard = FileGuard(place)
    guard.advance_receipted(origin, 1, leaf(1), known)
    if step not in list(STEPS)[:2]:
        document(place, origin).write_bytes(document(place, origin).read_bytes().rstrip())
    child = os.fork()
    if child == 0:
        setattr(target, name, death)
        guard.advance_receipted(origin, 2, leaf(2), known)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
    assert guard.read(origin) == GuardState(Receipted(expected, leaf(expected)))
    assert guard.advance_receipted(origin, 3, leaf(3), known) == Receipted(3, leaf(3))


def test_processes_at_once_keep_every_acknowledged_write(place: Path, origin: str) -> None:
    writers = [writer(place, origin, 1) for _ in range(3)]
    for one in writers:
        assert one.stdout is not None
        assert one.stdout.readline()
    time.sleep(0.5)
    acknowledged = [killed(one) for one in writers]
    assert min(acknowledged) > 1
    held = FileGuard(place).read(origin)
    assert held.receipted is not None
    assert held.receipted.size >= max(acknowledged)
    assert held.receipted.leaf_hash == leaf(held.receipted.size)


def test_a_torn_temporary_file_is_overwritten(place: Path, origin: str) -> None:
    document(place, origin, ".new").write_bytes(b'{"head":nul')
    guard = FileGuard(place)
    assert guard.read(origin) == GuardState()
    assert guard.swap_head(origin, None, head(2), leaf(2), known) is Swap.SWAPPED
    assert guard.read(origin) == GuardState(Receipted(2, leaf(2)), head(2))


def test_what_is_ours_already_is_written_again(place: Path, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote it may have died before the sync, or been told that it failed."""
    guard = FileGuard(place)
    guard.swap_head(origin, None, head(2), leaf(2), known)
    synced: list[int] = []
    sync = file._sync_data

    def counted(handle: int) -> None:
        synced.append(handle)
        sync(handle)

    monkeypatch.setattr(file, "_sync_data", counted)
    assert guard.swap_head(origin, None, head(2), leaf(2), known) is Swap.OURS
    assert guard.advance_receipted(origin, 1, leaf(1), known) == Receipted(2, leaf(2))
    assert len(synced) == 2


def test_a_document_of_one_sector_is_never_a_new_file(place: Path, origin: str) -> None:
    guard, before = FileGuard(place), document(place, origin).stat()
    guard.advance_receipted(origin, 2, leaf(2), known)
    after = document(place, origin).stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, file.SECTOR)


def test_a_document_from_before_sectors_is_read_and_made_anew(place: Path, origin: str) -> None:
    plain = document(place, origin).read_bytes().rstrip()
    document(place, origin).write_bytes(plain)
    guard = FileGuard(place)
    assert guard.read(origin) == GuardState()
    guard.advance_receipted(origin, 2, leaf(2), known)
    assert guard.read(origin) == GuardState(Receipted(2, leaf(2)))
    assert document(place, origin).stat().st_size == file.SECTOR


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b'{"head":null,"origin":"x","receipted":null}'])
def test_a_damaged_document_is_corrupt_and_stays_as_it_is(place: Path, origin: str, data: bytes) -> None:
    document(place, origin).write_bytes(data)
    guard = FileGuard(place)
    with pytest.raises(HeadGuardCorrupt):
        guard.read(origin)
    with pytest.raises(HeadGuardCorrupt):
        guard.advance_receipted(origin, 2, leaf(2), known)
    with pytest.raises(HeadGuardCorrupt):
        guard.create(origin)
    assert document(place, origin).read_bytes() == data


def test_the_document_of_another_origin_is_corrupt(place: Path, origin: str) -> None:
    other = f"{origin}/other"
    guard = FileGuard(place)
    guard.create(other)
    document(place, other).replace(document(place, origin))
    with pytest.raises(HeadGuardCorrupt):
        guard.read(origin)
    with pytest.raises(HeadGuardMissing):
        guard.read(other)


def test_a_volume_that_is_not_mounted_is_unreachable_and_not_missing(place: Path, origin: str) -> None:
    guard = FileGuard(place)
    place.rename(place.with_name("elsewhere"))
    place.mkdir()
    with pytest.raises(HeadGuardUnreachable, match="volume"):
        guard.read(origin)
    with pytest.raises(HeadGuardUnreachable, match="volume"):
        guard.create(origin)
    with pytest.raises(HeadGuardUnreachable, match="volume"):
        FileGuard(place)
    assert list(place.iterdir()) == []


def test_a_full_volume_acknowledges_nothing(place: Path, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = FileGuard(place)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(HeadGuardUnreachable, match="No space left"):
            guard.advance_receipted(origin, 2, leaf(2), known)
    assert guard.read(origin) == GuardState()


def test_a_lock_that_is_held_too_long_is_unreachable(place: Path, origin: str) -> None:
    impatient = FileGuard(place, lock_wait_s=0.05)

    def asks_itself(_held: Receipted) -> bool:
        impatient.advance_receipted(origin, 3, leaf(3), known)
        return True

    impatient.advance_receipted(origin, 1, leaf(1), known)
    with pytest.raises(HeadGuardUnreachable, match="lock"):
        impatient.advance_receipted(origin, 2, leaf(2), asks_itself)
    assert impatient.advance_receipted(origin, 4, leaf(4), known) == Receipted(4, leaf(4))


def test_a_reader_sees_only_states_that_were_written(place: Path, origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel may show an overwriting half-way; here it always can."""
    overwrite, ended = os.pwrite, threading.Event()

    def in_two_steps(handle: int, data: bytes, offset: int) -> int:
        half = data.rindex(b'"size"')  # Between the hash of one state and the size of another.
        overwrite(handle, data[:half], offset)
        time.sleep(0.0005)
        return half + overwrite(handle, data[half:], offset + half)

    def writes_without_end() -> None:
        for size in range(1_001, 9_000):
            if not ended.is_set():
                guard.advance_receipted(origin, size, leaf(size), known)

    guard = FileGuard(place)
    guard.swap_head(origin, None, head(1_000), leaf(1_000), known)
    monkeypatch.setattr(os, "pwrite", in_two_steps)
    writer = threading.Thread(target=writes_without_end)
    writer.start()
    end, seen = time.monotonic() + 1.5, set()
    try:
        while time.monotonic() < end:
            seen.add(guard.read(origin))
    finally:
        ended.set()
        writer.join()
    held = {one.receipted for one in seen}
    assert held == {Receipted(one.size, leaf(one.size)) for one in held if one is not None}
    assert {one.head for one in seen} == {head(1_000)}
    assert len(seen) > 5


def test_a_reader_does_not_wait_for_ever(place: Path, origin: str) -> None:
    impatient, told = FileGuard(place, lock_wait_s=0.05), []

    def reads_meanwhile(_held: Receipted) -> bool:
        with pytest.raises(HeadGuardUnreachable, match="lock"):
            impatient.read(origin)
        told.append("refused")
        return True

    impatient.advance_receipted(origin, 1, leaf(1), known)
    impatient.advance_receipted(origin, 2, leaf(2), reads_meanwhile)
    assert (told, impatient.read(origin)) == (["refused"], GuardState(Receipted(2, leaf(2))))


def test_who_reads_where_there_is_none_leaves_nothing_behind(place: Path, origin: str) -> None:
    before = set(place.iterdir())
    with pytest.raises(HeadGuardMissing):
        FileGuard(place).read(f"{origin}/other")
    assert set(place.iterdir()) == before


def test_it_tells_when_it_shares_its_volume(place: Path) -> None:
    assert FileGuard(place).shares_volume_with(place.parent)
    assert not FileGuard(place).shares_volume_with(Path("/proc"))


MOUNTS = """\
22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
60 22 0:52 / /srv/guard rw,relatime shared:9 - nfs4 files:/guard rw,vers=4.2
61 22 0:53 / /srv/with\\040space rw - cifs //files/guard rw
62 22 0:54 / /srv/covered rw - nfs4 files:/x rw
63 22 259:2 / /srv/covered rw - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/guard", "nfs4"),
        ("/srv/guard/deep/down", "nfs4"),
        ("/srv/guardian", None),
        ("/srv/with space", "cifs"),
        ("/srv/covered", None),
        ("/var/guard", None),
    ],
)
def test_a_network_file_system_is_told_by_its_mount(path: str, kind: str | None) -> None:
    assert local_file_system(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        file, "local_file_system", lambda path: local_file_system(path, f"1 1 0:1 / {path} rw - nfs4 f rw")
    )
    with pytest.raises(HeadGuardUnreachable, match="network file system"):
        FileGuard(place)
