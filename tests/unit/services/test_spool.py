"""The spool: durable lines in a chain, entered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
    spool.forget(reading.length)
    assert [one.payload for one in spool.read().records] == [{"n": 1}]
    assert spool.read().broken == 0


def test_an_empty_spool_says_so(tmp_path: Path) -> None:
    assert spool.is_empty()
    spool.note("a:b:c", {})
    assert not spool.is_empty()
    spool.forget(spool.read().length)
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
