"""The spool: durable lines in a chain, entered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ledger.services import spool


def lines() -> list[bytes]:
    return spool._path().read_bytes().splitlines(keepends=True)


def test_records_are_read_in_order() -> None:
    for number in range(3):
        spool.note("a:b:c", {"n": number})
    reading = spool.read()
    assert [(one.type, one.payload) for one in reading.records] == [("a:b:c", {"n": n}) for n in range(3)]
    assert reading.broken == 0
    assert len({one.id for one in reading.records}) == 3


def test_writers_at_once_keep_one_chain() -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: spool.note("a:b:c", {"n": number}), range(64)))
    reading = spool.read()
    assert (len(reading.records), reading.broken) == (64, 0)


def test_a_changed_line_breaks_the_chain() -> None:
    for number in range(3):
        spool.note("a:b:c", {"n": number})
    spool._path().write_bytes(b"".join(lines()).replace(b'{"n":1}', b'{"n":7}'))
    assert spool.read().broken == 1


def test_a_removed_line_breaks_the_chain() -> None:
    for number in range(3):
        spool.note("a:b:c", {"n": number})
    spool._path().write_bytes(lines()[0] + lines()[2])
    assert spool.read().broken == 1


def test_half_a_line_is_counted_and_keeps_nothing_back() -> None:
    spool.note("a:b:c", {"n": 0})
    spool._path().write_bytes(lines()[0] + b'{"id":')
    reading = spool.read()
    assert (len(reading.records), reading.broken) == (1, 1)


def test_what_comes_while_it_is_entered_stays() -> None:
    spool.note("a:b:c", {"n": 0})
    reading = spool.read()
    spool.note("a:b:c", {"n": 1})
    spool.forget(reading, entered=reading.last)
    assert [one.payload for one in spool.read().records] == [{"n": 1}]
    assert spool.read().broken == 0


def test_an_empty_spool_says_so(tmp_path: Path) -> None:
    assert spool.is_empty()
    spool.note("a:b:c", {})
    assert not spool.is_empty()
    spool.forget(spool.read(), entered=spool.read().last)
    assert spool.is_empty()


def test_a_full_spool_loses_to_the_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(spool, "MAX_BYTES", 100)
    spool.note("a:b:c", {})
    spool.note("a:b:c", {"lost": 1})
    assert len(spool.read().records) == 1
    assert "lost" in caplog.text


def test_only_its_owner_may_read_it() -> None:
    spool.note("a:b:c", {})
    assert spool._path().stat().st_mode & 0o077 == 0


def test_a_torn_line_does_not_swallow_the_next_record() -> None:
    spool.note("a:b:c", {"n": 0})
    spool._path().write_bytes(lines()[0] + b'{"id":"x","payl')
    spool.note("a:b:c", {"n": 1})
    reading = spool.read()
    assert [one.payload for one in reading.records] == [{"n": 0}, {"n": 1}]
    assert (reading.broken, reading.foreign, reading.misses_tail) == (1, (b'{"id":"x","payl',), False)


def test_of_two_flushers_the_second_removes_nothing() -> None:
    spool.note("a:b:c", {"n": 0})
    first, second = spool.read(), spool.read()
    spool.forget(first, entered=first.last)
    spool.note("a:b:c", {"n": 1, "pad": "x" * first.length})
    spool.forget(second, entered=second.last)
    assert [one.payload["n"] for one in spool.read().records] == [1]


def test_one_flusher_at_a_time() -> None:
    with spool.entering() as first, spool.entering() as second:
        assert (first, second) == (True, False)
    with spool.entering() as again:
        assert again


@pytest.mark.parametrize(("kept", "front", "tail"), [((0, 1), False, True), ((2, 3), True, False), ((), True, True)])
def test_lines_removed_from_front_and_tail_are_missed(kept: tuple[int, ...], *, front: bool, tail: bool) -> None:
    spool.note("a:b:c", {"entered": True})
    entered = spool.read().last
    spool.forget(spool.read(), entered=entered)
    for number in range(4):
        spool.note("a:b:c", {"n": number})
    held = lines()
    spool._path().write_bytes(b"".join(held[number] for number in kept))
    reading = spool.read()
    assert reading.misses_front(entered) is front
    assert reading.misses_tail is (tail and bool(kept))


def test_a_record_that_follows_a_removed_tail_does_not_hide_the_gap() -> None:
    for number in range(3):
        spool.note("a:b:c", {"n": number})
    spool._path().write_bytes(lines()[0])
    spool.note("a:b:c", {"n": 3})
    assert spool.read().broken == 1


def test_nobody_chains_anew_without_the_key(settings: Any) -> None:
    spool.note("a:b:c", {"n": 0})
    settings.COUNTERSIGN_SEAL_KEY = bytes(32)
    assert spool.read().records == ()
    assert spool.read().broken == 1


def test_the_two_halves_of_a_full_spool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "STRANGERS_BYTES", 100)
    spool.note("a:b:c", {"n": 0}, room=spool.STRANGERS_BYTES)
    spool.note("a:b:c", {"n": 1}, room=spool.STRANGERS_BYTES)
    spool.note("a:b:c", {"n": 2})
    assert [one.payload for one in spool.read().records] == [{"n": 0}, {"n": 2}]
