"""The form of a key's receipts gives the bodies that receipts have, and none is passed whose promise was broken."""

from __future__ import annotations

import pytest

from ledger.core.canonical import canonical_pure
from ledger.core.receipt import body_of
from ledger.core.verify import receipts
from ledger.core.verify.receipt_runs import form_of, stated_index
from tests.corpus.all import all_cases
from tests.corpus.run import outcome_of

NAMES = ("demo.example/log/acme/scoring", "100%/log/a/%b%d", 'quoted "\\" name', "größe", "%%")


@pytest.mark.parametrize("kid", ["0" * 32, "%b", "%%d"])
@pytest.mark.parametrize("origin", NAMES)
@pytest.mark.parametrize("index", [1, 9_999_999, 2**53 - 1])
def test_whatever_the_names_hold(kid: str, origin: str, index: int) -> None:
    log, own, prev, due, recorded = "ab" * 32, "cd" * 32, "ef" * 32, "2026-11-21T09:26:58.000000Z", "2026-11-21"
    written = canonical_pure(kid).decode(), log, canonical_pure(origin).decode()
    made = form_of(kid, log, origin) % (index, own.encode(), prev.encode(), due.encode(), recorded.encode())
    assert made == body_of(index, written, own, f'"{prev}"', (recorded, due))


@pytest.mark.parametrize("line", [b"", b"{", b'{"payload":"A', b"\xff" * 90, b'{"payload":"eyJpbmRleCI6eCwiYSI6MX0"}'])
def test_an_index_that_is_not_there_is_none(line: bytes) -> None:
    assert stated_index(line) is None


def test_every_promise_that_was_broken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    given = next(case for case in all_cases() if case.name == "receipt-overdue").build()
    told = [one.path for one in outcome_of(given).problems if one.code == "receipt_overdue"]
    monkeypatch.setattr(receipts, "quick", lambda *_: None)
    assert told == [one.path for one in outcome_of(given).problems if one.code == "receipt_overdue"]
    assert len(told) > 10
