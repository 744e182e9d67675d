"""Bytes reach the disk whole or not at all; nothing is written over what somebody else wrote, nor outside."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from governance.evidenceos.core.steps import FileStep, appended, written
from governance.evidenceos.errors_of_targets import TargetBusy, TargetMoved, TargetUnreadable, TargetUnwritable
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.files.reading import TEMPORARY, read
from governance.evidenceos.files.writing import carry_step, clear_unfinished
from tests.support.volumes import mounted

POINTS = ("beside", "renamed")
NOBODY = 65_534


class KilledError(BaseException):
    """As good as SIGKILL for what runs below."""


def die_at(point: str) -> Callable[[str], None]:
    def reached(name: str) -> None:
        if name == point:
            raise KilledError

    return reached


def step(root: Path, path: str = "nullspec/a.json", data: bytes = b"new") -> FileStep:
    return written(read(root).files, path, data)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("before", [None, b"old"])
def test_killed_at_any_point_the_file_is_the_old_or_the_new_one(
    tmp_path: Path, point: str, before: bytes | None
) -> None:
    place = tmp_path / "nullspec/a.json"
    if before is not None:
        place.parent.mkdir()
        place.write_bytes(before)
    one = step(tmp_path)
    with pytest.raises(KilledError):
        carry_step(tmp_path, one, die_at(point))
    assert (place.read_bytes() if place.exists() else None) in {before, b"new"}
    carry_step(tmp_path, one)
    assert place.read_bytes() == b"new"
    assert carry_step(tmp_path, one) is False
    assert [path.name for path in place.parent.iterdir()] == ["a.json"]


def test_a_file_that_was_left_unfinished_is_nobodys_and_goes(tmp_path: Path) -> None:
    (tmp_path / f"{TEMPORARY}123-x.json").write_bytes(b"half")
    assert read(tmp_path).files == {}
    clear_unfinished(tmp_path, {"x.json"})
    assert list(tmp_path.iterdir()) == []


def test_what_somebody_else_wrote_is_never_written_over(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    place.write_bytes(b"old")
    one = step(tmp_path, "a.json")
    place.write_bytes(b"foreign")
    with pytest.raises(TargetMoved):
        carry_step(tmp_path, one)
    assert place.read_bytes() == b"foreign"


def test_what_comes_between_looking_and_writing_is_not_written_over(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    place.write_bytes(b"old")
    one = step(tmp_path, "a.json")

    def interfere(_point: str) -> None:
        place.write_bytes(b"foreign")

    with pytest.raises(TargetMoved):
        carry_step(tmp_path, one, interfere)
    assert place.read_bytes() == b"foreign"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_rights_of_a_file_stay(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    place.write_bytes(b"old")
    place.chmod(0o604)
    carry_step(tmp_path, step(tmp_path, "a.json"))
    assert place.stat().st_mode & 0o777 == 0o604


def test_a_full_disk_leaves_the_old_file_and_no_half_line(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "64k") as root:
        (root / "a.json").write_bytes(b"old")
        (root / "log").write_bytes(b"one\n")
        for one in (step(root, "a.json", b"x" * 200_000), appended(read(root).files, "log", b"y" * 200_000 + b"\n")):
            with pytest.raises(TargetUnwritable, match="No space left"):
                carry_step(root, one)
        assert read(root).files == {"a.json": b"old", "log": b"one\n"}
        carry_step(root, step(root, "a.json", b"fits"))
        assert (root / "a.json").read_bytes() == b"fits"


@contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_directory_without_rights_is_refused_with_its_reason(tmp_path: Path) -> None:
    root = Path("/tmp") / f"eos-rights-{os.getpid()}"  # noqa: S108  (one that others may reach)
    root.mkdir(mode=0o555)
    try:
        (root / "a.json").write_bytes(b"old")
        one = step(root, "a.json")
        root.chmod(0o555)
        with as_nobody(), pytest.raises(TargetUnwritable):
            carry_step(root, one)
        root.chmod(0o000)
        with as_nobody(), pytest.raises(TargetUnreadable):
            read(root)
    finally:
        root.chmod(0o700)
        (root / "a.json").unlink()
        root.rmdir()


def test_no_folder_leads_out_of_the_directory(tmp_path: Path) -> None:
    root, outside = tmp_path / "data", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "nullspec").symlink_to(outside)
    with pytest.raises(TargetUnwritable):
        carry_step(root, written({}, "nullspec/a.json", b"new"))
    with pytest.raises(TargetUnwritable):
        carry_step(root, written({}, "../outside/a.json", b"new"))
    assert list(outside.iterdir()) == []


def test_one_writer_at_a_time_and_the_other_is_told(tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with alone_in(tmp_path):
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with pytest.raises(TargetBusy), alone_in(tmp_path, patience=0.1):
        pass
    done.set()
    holder.join()
    with alone_in(tmp_path, patience=0.1):
        assert list(tmp_path.iterdir()) == []
