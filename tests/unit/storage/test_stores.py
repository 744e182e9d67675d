"""Both stores refuse to overwrite; the files survive what they promise to survive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.errors import IntegrityLost, NotThere
from ledger.storage import Store, blob_key, store, tile_key
from ledger.storage.files import FileStore
from ledger.storage.memory import MemoryStore


@pytest.fixture(params=["files", "memory"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return FileStore(tmp_path / "store") if request.param == "files" else MemoryStore()


def test_what_is_put_is_got(held: Store) -> None:
    assert held.put("a/b/c", b"data")
    assert held.get("a/b/c") == b"data"


def test_equal_bytes_may_be_put_again(held: Store) -> None:
    held.put("a/b", bytes(3))
    assert not held.put("a/b", bytes(bytearray(3)))
    assert held.get("a/b") == bytes(3)


def test_other_bytes_are_refused_and_change_nothing(held: Store) -> None:
    held.put("a/b", b"first")
    with pytest.raises(IntegrityLost):
        held.put("a/b", b"other")
    assert held.get("a/b") == b"first"


def test_what_is_not_there_is_said_to_be_missing(held: Store) -> None:
    with pytest.raises(NotThere):
        held.get("a/b")


def test_keys_below_a_prefix_are_listed(held: Store) -> None:
    for key in ("a/b", "a/c/d", "ab/c"):
        held.put(key, b"")
    assert sorted(held.keys("a")) == ["a/b", "a/c/d"]
    assert list(held.keys("nothing")) == []


def test_deleting_twice_is_deleting_once(held: Store) -> None:
    held.put("a/b", b"")
    held.delete("a/b")
    held.delete("a/b")
    with pytest.raises(NotThere):
        held.get("a/b")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.new-x", "a/b/", "a b", "a\x00b"])
def test_a_key_that_is_no_plain_path_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotThere):
        FileStore(tmp_path / "store").put(key, b"")
    assert not (tmp_path / "store").exists()


def test_writers_of_one_key_at_once_agree(tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: files.put("a/b/c", b"data" * 1000), range(32)))
    assert made.count(True) == 1
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c"]


def test_half_a_file_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("ledger.storage.files.os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        FileStore(tmp_path).put("a", b"data")
    monkeypatch.undo()
    assert list(FileStore(tmp_path).keys("a")) == []
    with pytest.raises(NotThere):
        FileStore(tmp_path).get("a")


def test_the_configured_store_is_chosen(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(store(), FileStore)
    monkeypatch.setattr("django.conf.settings.COUNTERSIGN_STORE", "memory", raising=False)
    assert isinstance(store(), MemoryStore)


def test_keys_tell_what_they_hold() -> None:
    assert tile_key("h/log/a/b", "tile/0/x001/067.p/3") == "tiles/h/log/a/b/tile/0/x001/067.p/3"
    assert blob_key("00ff", 3, "payload") == "blobs/ff/00ff/3-payload"
