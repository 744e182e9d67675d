"""The spool: ordered, bounded, one owner, and whole after any end of the process."""

from __future__ import annotations

import json
import os
import resource
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import countersign_client as client

BODY = b'{"n":1}'


def opened(root: Path, **more: Any) -> client.Client:
    return client.Client("http://localhost:1", "acme", "decisions", "token", spool_dir=root, **more)


def spool(root: Path, limit: int = 2**20, done: int = 0) -> client.Spool:
    return client.Spool(root, limit, done)


def test_events_come_back_in_order_across_segments_and_openings(tmp_path: Path) -> None:
    bodies = [f'{{"n":{number}}}'.encode() for number in range(50)]
    first = spool(tmp_path, 2_000)
    for body in bodies[:30]:
        first.append(body)
    first.close()
    second = spool(tmp_path, 2_000)
    for body in bodies[30:]:
        second.append(body)
    assert second.read(100) == bodies
    assert second.read(7) == bodies[:7]
    assert len(list(tmp_path.glob("*.seg"))) > 3
    second.drop(bodies[:33])
    assert second.read(100) == bodies[33:]
    second.close()
    assert spool(tmp_path, 2_000, done=33).read(100) == bodies[33:]


def test_what_has_left_gives_its_room_back(tmp_path: Path) -> None:
    ours = spool(tmp_path, 100)
    for _ in range(6):
        ours.append(BODY)
    with pytest.raises(client.SpoolFull):
        ours.append(BODY)
    assert ours.pending == 6
    ours.drop(ours.read(6))
    assert (ours.pending, ours.used, list(tmp_path.glob("*.seg"))) == (0, 0, [])
    ours.append(BODY)
    assert (ours.done, ours.pending) == (6, 1)


def test_a_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    with opened(tmp_path, max_spool_bytes=300) as ours:
        ours.append("t", "x" * 20)
        with pytest.raises(client.SpoolFull, match="300"):
            ours.append("t", "x" * 500)
        assert ours.status()["pending"] == 1


def test_a_batch_has_at_most_eight_mebibytes_unless_one_event_has_more(tmp_path: Path) -> None:
    ours = spool(tmp_path, 2**30)
    for size in (5, 3, 1, 12, 1):
        ours.append(b"x" * (size * 2**20))
    assert [len(body) >> 20 for body in ours.read(9)] == [5, 3]
    ours.drop(ours.read(3))
    ours.drop(ours.read(1))
    assert [len(body) >> 20 for body in ours.read(9)] == [12]


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """A disk that is full: the kernel writes up to this size and then fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_append_that_finds_no_room_on_the_disk_is_taken_back_whole(tmp_path: Path) -> None:
    ours = spool(tmp_path)
    ours.append(BODY)
    with no_file_longer_than(20), pytest.raises(OSError, match="File too large"):
        ours.append(BODY * 10)
    ours.append(BODY * 2)
    assert ours.read(9) == [BODY, BODY * 2]
    ours.close()
    assert spool(tmp_path).read(9) == [BODY, BODY * 2]


def test_appending_syncs_the_file_and_a_new_name_syncs_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    really = os.fsync

    def listen(descriptor: int) -> None:
        synced.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        really(descriptor)

    ours = spool(tmp_path)
    monkeypatch.setattr(os, "fsync", listen)
    ours.append(BODY)
    assert synced == ["directory", "file"]
    ours.append(BODY)
    assert synced == ["directory", "file", "file"]
    client._replace(tmp_path / "state.json", b"{}", "state")
    assert synced[3:] == ["file", "directory"]


def test_a_spool_has_one_owner(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(client.SpoolInUse):
        opened(tmp_path)
    opened(tmp_path).close()


def test_a_spool_belongs_to_one_stream(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with pytest.raises(client.SpoolCorrupt, match="acme/decisions"):
        client.Client("http://localhost:1", "acme", "others", "token", spool_dir=tmp_path)


def test_a_missing_segment_is_refused(tmp_path: Path) -> None:
    ours = spool(tmp_path, 100)
    for _ in range(6):
        ours.append(BODY)
    ours.close()
    sorted(tmp_path.glob("*.seg"))[1].unlink()
    with pytest.raises(client.SpoolCorrupt, match="missing"):
        spool(tmp_path, 100)


def test_a_missing_state_or_shortened_receipts_are_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as ours:
        ours.append("t", 1)
    state = tmp_path / "state.json"
    text = state.read_text()
    state.write_text(json.dumps({**json.loads(text), "receipts": 10}))
    with pytest.raises(client.SpoolCorrupt, match="shorter"):
        opened(tmp_path)
    state.unlink()
    with pytest.raises(client.SpoolCorrupt, match=r"state\.json is missing"):
        opened(tmp_path)


def test_after_close_nothing_is_taken(tmp_path: Path) -> None:
    ours = opened(tmp_path)
    ours.close()
    with pytest.raises(ValueError, match="closed"):
        ours.append("t", 1)


def test_ids_are_fixed_at_append_and_ordered_in_time(tmp_path: Path) -> None:
    ambient = client.Ambient(now=lambda: 1_700_000_000.123)
    with opened(tmp_path, ambient=ambient) as ours:
        made = [uuid.UUID(ours.append("t", None)) for _ in range(3)]
        assert [json.loads(body)["id"] for body in ours._outbox.spool.read(9)] == [str(one) for one in made]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}
    assert {one.int >> 80 for one in made} == {1_700_000_000_123}
    assert len(set(made)) == 3


WRONG: dict[str, dict[str, Any]] = {
    "no type": {"type": ""},
    "a long type": {"type": "x" * 257},
    "a control character": {"id": "a\nb"},
    "a noncharacter": {"subject": "\ufffe"},
    "no time": {"time": "yesterday"},
    "a number for a text": {"source": 7},
    "no number": {"payload": float("nan")},
    "a number for a name": {"payload": {1: 2}},
    "half a character": {"payload": "\ud800"},
    "too much": {"payload": "x" * 2**24},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_cannot_be_evidence_is_refused_before_it_is_kept(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with opened(tmp_path) as ours:
        with pytest.raises(client.EventRefused):
            ours.append(**{"type": "t", "payload": 1, **wrong})
        assert ours.status()["pending"] == 0


@pytest.mark.parametrize("url", ["http://example.org", "ftp://localhost", "https://user@example.org", "https://"])
def test_addresses_that_would_give_the_token_away_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        client.Client(url, "acme", "decisions", "token", spool_dir=tmp_path)
