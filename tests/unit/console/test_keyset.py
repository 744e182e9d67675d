"""A place in an order is written and read again, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from ledger.selectors.keyset import Order

ONE = Order((("index", int),))
MIXED = Order((("when", datetime), ("id", UUID), ("name", str)))
VALUES = (datetime(2026, 11, 21, 9, 16, 58, 123456, UTC), UUID(int=7), 'a:b,"c"')


def test_a_place_is_read_as_it_was_written() -> None:
    assert MIXED.read(MIXED.place(VALUES)) == VALUES
    assert ONE.read(ONE.place((42,))) == (42,)


def test_a_single_number_stays_readable() -> None:
    assert ONE.place((42,)) == "42"


@pytest.mark.parametrize("text", ["", "x", "[1,2]", "true", "1.5", '"1"', "null", "{}", "9" * 30, "[" * 5000])
def test_what_is_no_place_is_none(text: str) -> None:
    assert ONE.read(text) is None


@pytest.mark.parametrize(
    "text", ['["2026-01-01","0",""]', '["2026-01-01T00:00:00","00000000-0000-0000-0000-000000000000","a"]']
)
def test_a_moment_without_a_zone_or_a_wrong_id_is_none(text: str) -> None:
    assert MIXED.read(text) is None
