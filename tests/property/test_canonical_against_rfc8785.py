from __future__ import annotations

import json
import math
import struct
from collections import Counter
from typing import Any

import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.core.canonical import accelerated, canonical, canonical_pure, parse_canonical
from ledger.core.strict_json import check, parse
from ledger.errors import JSONInvalid

SAFE = 2**53 - 1
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
EDGES = st.sampled_from(
    [
        -0.0,
        0.0,
        1e21,
        1e20,
        9.999999999999999e20,
        1e-6,
        1e-7,
        1.5e-7,
        1e16,
        2.0**53,
        5e-324,
        1.7976931348623157e308,
    ]
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | EDGES
WHOLE = st.integers(-SAFE, SAFE)
KEYS = TEXT | st.sampled_from(["\U0001f600", "\ufb33", "\ue000", "\ud7ff", "\uffff", "\U0010ffff", "a", "A", ""])


def values(leaves: st.SearchStrategy[object], keys: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


PLAIN = values(st.none() | st.booleans() | WHOLE | TEXT, st.text(st.characters(max_codepoint=127), max_size=6))
ANY = values(st.none() | st.booleans() | WHOLE | FLOATS | TEXT, KEYS)
REACHED: Counter[str] = Counter()


def refusal_of(data: bytes) -> JSONInvalid | None:
    try:
        parse(data)
    except JSONInvalid as refusal:
        return refusal
    return None


@settings(max_examples=300)
@given(PLAIN | ANY)
def _written_alike(value: Any) -> None:
    expected = rfc8785.dumps(value)
    fast = accelerated(value)
    REACHED["fallback" if fast is None else "fast"] += 1
    assert fast in (None, expected)
    assert canonical(value) == canonical_pure(value) == expected


def test_all_writers_give_the_same_bytes_and_both_ways_are_reached() -> None:
    REACHED.clear()
    _written_alike()
    assert REACHED["fast"] >= 50, REACHED
    assert REACHED["fallback"] >= 50, REACHED


@settings(max_examples=1000)
@given(st.integers(0, 2**64 - 1))
@example(0x8000000000000000)
@example(0x444B1AE4D6E2EF50)
def test_every_double_is_written_as_rfc8785_writes_it(bits: int) -> None:
    (number,) = struct.unpack("<d", bits.to_bytes(8, "little"))
    if math.isfinite(number):
        assert canonical(number) == rfc8785.dumps(number)
        assert float(canonical(number)) == number


@given(ANY)
def test_what_is_read_from_any_spelling_is_read_back_from_its_canonical_form(value: Any) -> None:
    text = json.dumps(value, indent=1).encode()
    try:
        read = parse(text)
    except JSONInvalid:
        return
    again = parse_canonical(canonical(read))
    assert again == read
    assert canonical(again) == canonical(read)
    check(read)


@given(st.text(st.sampled_from('{}[]",:0123456789eE+-.\\u ntrufalsNI\u00e9'), max_size=24) | TEXT)
@example('{"a":1,"a":2}')
@example('"\\ud800"')
def test_the_reader_accepts_nothing_that_the_standard_library_refuses(text: str) -> None:
    if refusal := refusal_of(text.encode()):
        assert refusal.path.startswith("$")
        return
    value = parse(text.encode())
    assert json.loads(text) == value
    check(value)


@given(st.binary(max_size=24))
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    refusal = refusal_of(data)
    assert refusal is None or (refusal.path.startswith("$") and refusal.why)
