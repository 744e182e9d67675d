"""The client's own writer gives the bytes that the ledger commits to, and refuses what the ledger refuses."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import countersign_client as client
from ledger.core import strict_json
from ledger.core.canonical import canonical
from ledger.errors import JSONInvalid

DOUBLES = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack(">d", bits.to_bytes(8, "big"))[0])
SCALARS = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | DOUBLES | st.text(
    st.characters(codec=None, categories=None))  # fmt: skip
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
EDGES = [
    1e-6,
    1e-7,
    9.5e-7,
    1.5e-5,
    -1e-5,
    1e21,
    1.5e300,
    5e-324,
    0.1,
    -0.0,
    2.0**53 - 1,
    1e16 + 2,
    333333333.3333333,
]


def ledger_bytes(value: Any) -> bytes | None:
    try:
        strict_json.check(value)
        return canonical(value)
    except JSONInvalid:
        return None


def client_bytes(value: Any) -> bytes | None:
    try:
        return client.canonical(value)
    except client.EventRefused:
        return None


@given(VALUES)
def test_it_writes_and_refuses_as_the_ledger_does(value: Any) -> None:
    assert client_bytes(value) == ledger_bytes(value)


@pytest.mark.parametrize("number", EDGES)
def test_numbers_have_the_layout_of_ecmascript(number: float) -> None:
    assert client_bytes(number) == ledger_bytes(number)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, -(2**53), 2.0**53, 1e20, "\ud800", 10**400])
def test_what_no_reader_may_take_back_is_refused(value: Any) -> None:
    with pytest.raises(client.EventRefused, match=r"\$\.a\[0\]"):
        client.canonical({"a": [value]})


@pytest.mark.parametrize("value", [{1: 2}, {"\udc00": 1}, {1, 2}, b"x", (1,), object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(client.EventRefused):
        client.canonical(value)


def test_nesting_has_the_bound_of_the_ledger() -> None:
    value: Any = 1
    for _ in range(64):
        value = [value]
    assert client.canonical(value) == ledger_bytes(value)
    assert client_bytes([value]) is ledger_bytes([value]) is None


def test_names_are_sorted_by_utf16() -> None:
    assert client.canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("text", [b'{"a":1,"a":2}', b"NaN", b"\xff", b"\xef\xbb\xbf1", b"1 2", b""])
def test_answers_that_are_read_differently_by_others_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"twice|JSON|decode|Expecting|BOM|Extra"):
        client._parsed(text)
