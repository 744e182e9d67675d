"""JSON of EvidenceOS: integers of 64 bits stay whole, and what readers could take for different things is refused."""

from __future__ import annotations

import pytest

from governance.evidenceos.core.jsons import MAX_DEPTH, canonical, compact, parse, pretty
from governance.evidenceos.errors import JSONUnreadable, NumberUnwritable
from ledger.core.types import JSON

U64 = 2**64 - 1


@pytest.mark.parametrize("number", [0, 2**53 - 1, 2**53 + 1, 2**63, U64, -(2**63)])
def test_integers_of_64_bits_survive_reading_and_writing(number: int) -> None:
    assert parse(str(number).encode()) == number
    assert canonical(number) == str(number).encode()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b'{"a": {"b": [1, {"c": 1, "c": 2}]}}', "$.a.b[1]"),
        (b'{"a": 18446744073709551616}', "$.a"),
        (b'{"a": -9223372036854775809}', "$.a"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "$.a"),
        (b'{"a": [0, NaN]}', "$.a[1]"),
        (b'{"a": -Infinity}', "$.a"),
        (b'{"a": 1e400}', "$.a"),
        (rb'{"a": "\ud800"}', "$.a"),
        (rb'{"\ud800": 1}', r"$['\ud800']"),
        (b'{"a": 1} x', "$"),
        (b"", "$"),
        (b'\xef\xbb\xbf{"a": 1}', "$"),
        (b'{"a": "\xff"}', "$"),
        (b'{"a": "\n"}', "$"),
    ],
)
def test_what_is_ambiguous_is_refused_at_its_place(text: bytes, path: str) -> None:
    with pytest.raises(JSONUnreadable) as refusal:
        parse(text)
    assert refusal.value.path == path


def test_depth_ends_where_serdes_does() -> None:
    assert MAX_DEPTH == 127
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(JSONUnreadable):
            parse(b"[" * depth + b"]" * depth)


def test_canonical_sorts_names_by_their_bytes_and_escapes_only_what_it_must() -> None:
    value: JSON = {"b": [1.0, None], "a": 'é\u007f"\\\n\u0001/', "\U0001f600": True, "\uffff": False}
    text = canonical(value).decode()
    assert text == '{"a":"é\u007f\\"\\\\\\n\\u0001/","b":[1.0,null],"\uffff":false,"\U0001f600":true}'


def test_compact_and_pretty_keep_the_order_given() -> None:
    value: JSON = {"b": {}, "a": [1, {"c": []}]}
    assert compact(value) == b'{"b":{},"a":[1,{"c":[]}]}'
    assert pretty(value) == '{\n  "b": {},\n  "a": [\n    1,\n    {\n      "c": []\n    }\n  ]\n}'


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, float("inf"), "\ud800"])
def test_what_has_no_bytes_is_not_written(value: float | str) -> None:
    with pytest.raises(NumberUnwritable):
        canonical({"a": value})


def test_a_negative_zero_stays_one() -> None:
    assert canonical(parse(b"-0")) == b"-0.0"
