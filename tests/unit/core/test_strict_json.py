from __future__ import annotations

from typing import Any

import pytest

from ledger.core import json_locate
from ledger.core.strict_json import MAX_DEPTH, check, parse
from ledger.errors import JSONInvalid

REFUSED = (
    (b'{"a":1,"a":2}', "$.a", "same key"),
    (b'{"a":[{"b":1,"c":2,"b":1}]}', "$.a[0].b", "same key"),
    (b'{"\\u0061":1,"a":2}', "$.a", "same key"),
    (
        b'{"payload":{"items":[1,2,3,{"odd key":1e999}]}}',
        "$.payload.items[3]['odd key']",
        "range of a double",
    ),
    (b"[-1e999]", "$[0]", "range of a double"),
    (b"[NaN]", "$[0]", "NaN"),
    (b'{"a":Infinity}', "$.a", "NaN or Infinity"),
    (b'{"a":-Infinity}', "$.a", "NaN or Infinity"),
    (b"9007199254740992", "$", "9007199254740991"),
    (b"[-9007199254740992]", "$[0]", "9007199254740991"),
    (b"[1" + b"0" * 5000 + b"]", "$[0]", "9007199254740991"),
    (b"[9007199254740992.0]", "$[0]", "9007199254740991"),
    (b"[1e17]", "$[0]", "9007199254740991"),
    (b'["x","\\ud800"]', "$[1]", "surrogate"),
    (b'["\\udc00\\ud800"]', "$[0]", "surrogate"),
    (b'{"a":{"\\ud800":1}}', "$.a['\\ud800']", "surrogate"),
    (b'{"a":"\xff"}', "$.a", "Byte 6 is not UTF-8"),
    (b'"\xed\xa0\x80"', "$", "Byte 1 is not UTF-8"),
    (b"\xff", "$", "Byte 0 is not UTF-8"),
    (b"\xef\xbb\xbf{}", "$", "byte order mark"),
    (b"{}{}", "$", "More data"),
    (b"[1] x", "$", "More data"),
    (b"", "$", "a value expected"),
    (b"nul", "$", "a value expected"),
    (b"[01]", "$[0]", "',' or ']' expected"),
    (b"[1.]", "$[0]", "',' or ']' expected"),
    (b"[.5]", "$[0]", "a value expected"),
    (b"[+1]", "$[0]", "a value expected"),
    (b"[1,]", "$[1]", "a value expected"),
    (b'{"a":1,}', "$.a", "a key in double quotes"),
    (b"{a:1}", "$", "a key in double quotes"),
    (b'{"a" 1}', "$.a", "':' expected"),
    (b'{"a":1', "$.a", "',' or '}' expected"),
    (b'["a\nb"]', "$[0]", "a complete string"),
    (b'["\\x"]', "$[0]", "a complete string"),
    (b"[1\xc2\xa0]", "$[0]", "',' or ']' expected"),
    ('["\u0661", \u0661]'.encode(), "$[1]", "a value expected"),
    (b'{"it\'s":NaN}', "$['it\\'s']", "NaN"),
    (b'{"":NaN}', "$['']", "NaN"),
)


@pytest.mark.parametrize(("data", "path", "what"), REFUSED)
def test_it_refuses_with_the_path_of_the_culprit(data: bytes, path: str, what: str) -> None:
    with pytest.raises(JSONInvalid) as caught:
        parse(data)
    assert caught.value.path == path
    assert what in caught.value.what
    assert caught.value.why
    assert caught.value.next_step != JSONInvalid.default_next


ACCEPTED = (
    (b" \t\r\n[1 , 2]\n", [1, 2]),
    (b"9007199254740991", 9007199254740991),
    (b"[-9007199254740991]", [-9007199254740991]),
    (b"[9007199254740991.0]", [9007199254740991.0]),
    (b"[1e21,1E+30]", [1e21, 1e30]),
    (b"[1e-400,-0,-0.0]", [0.0, 0, 0.0]),
    (b'"\\ud83d\\ude00"', "\U0001f600"),
    (b'{"a":{"a":{"a":null}},"b":true}', {"a": {"a": {"a": None}}, "b": True}),
    ('{"\ue000":"\x7f"}'.encode(), {"\ue000": "\x7f"}),
)


@pytest.mark.parametrize(("data", "value"), ACCEPTED)
def test_it_reads_what_every_reader_reads_alike(data: bytes, value: object) -> None:
    assert parse(data) == value


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_it_counts_levels_of_objects_and_arrays(opening: bytes, closing: bytes) -> None:
    deepest = opening * MAX_DEPTH + b"1" * (opening != b"[") + closing * MAX_DEPTH
    parse(deepest)
    with pytest.raises(JSONInvalid, match="deeper than 64"):
        parse(b"[" + deepest + b"]")
    with pytest.raises(JSONInvalid, match="deeper than 2"):
        parse(b"[[[]]]", max_depth=2)


def test_brackets_inside_strings_and_beside_each_other_are_no_depth() -> None:
    assert parse(b'["' + b"[" * 500 + b'"]') == ["[" * 500]
    assert parse(b"[" + b"[],{}," * 500 + b"[]]") == [[], {}] * 500 + [[]]


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_hundred_thousand_levels_are_refused_without_recursion(text: bytes) -> None:
    with pytest.raises(JSONInvalid, match="deeper than 64") as caught:
        parse(text)
    assert caught.value.path.count("[0]") + caught.value.path.count(".a") == MAX_DEPTH


def test_the_locating_pass_itself_survives_any_depth() -> None:
    with pytest.raises(JSONInvalid, match="NaN") as caught:
        json_locate.locate("[" * 100_000 + "NaN", max_depth=200_000)
    assert caught.value.path == "$" + "[0]" * 100_000


def test_the_locating_pass_finds_nothing_in_what_is_accepted() -> None:
    for data, _value in ACCEPTED:
        json_locate.locate(data.decode(), MAX_DEPTH)


@pytest.mark.parametrize(("data", "path", "what"), [row for row in REFUSED if row[0].isascii()])
def test_the_locating_pass_alone_refuses_the_same(data: bytes, path: str, what: str) -> None:
    with pytest.raises(JSONInvalid, match=what.replace("]", r"\]").replace("}", r"\}")) as caught:
        json_locate.locate(data.decode(), MAX_DEPTH)
    assert caught.value.path == path


def test_a_long_odd_key_is_cut_in_the_path() -> None:
    with pytest.raises(JSONInvalid) as caught:
        parse(b'{"' + b"k" * 5000 + b'":NaN}')
    assert caught.value.path == f"$['{'k' * 64}...']"


def test_a_control_character_is_escaped_in_the_path() -> None:
    with pytest.raises(JSONInvalid) as caught:
        parse(b'{"a\\nb":NaN}')
    assert caught.value.path == r"$['a\nb']"


IN_MEMORY: tuple[tuple[Any, str], ...] = (
    ([float("nan")], "$[0]"),
    ([float("inf")], "$[0]"),
    ({"a": 2**53}, "$.a"),
    ({"a": -(2**53)}, "$.a"),
    ({"a": 1e17}, "$.a"),
    ({"a": [True, "\ud800"]}, "$.a[1]"),
    ({"a": {"\ud800": 1}}, "$.a['\\ud800']"),
    ({"a": {1: 2}}, "$.a"),
    ([[], (1, 2)], "$[1]"),
    ({"a": b"bytes"}, "$.a"),
    ({"a": {"b": object()}}, "$.a.b"),
)


@pytest.mark.parametrize(("value", "path"), IN_MEMORY)
def test_a_value_in_memory_is_held_to_the_same_rules(value: Any, path: str) -> None:
    with pytest.raises(JSONInvalid) as caught:
        check(value)
    assert caught.value.path == path


def test_the_first_fault_in_document_order_is_named() -> None:
    with pytest.raises(JSONInvalid) as caught:
        check({"a": [[2**60]], "b": float("nan")})
    assert caught.value.path == "$.a[0][0]"


def test_the_path_of_a_value_continues_the_one_given() -> None:
    with pytest.raises(JSONInvalid) as caught:
        check([2**60], "$.data")
    assert caught.value.path == "$.data[0]"


def test_a_value_that_contains_itself_is_too_deep() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(JSONInvalid, match="deeper than 64"):
        check(endless)


def test_sixty_four_levels_in_memory_are_enough() -> None:
    value: list[Any] = []
    for _level in range(MAX_DEPTH - 1):
        value = [value]
    check(value)
    with pytest.raises(JSONInvalid):
        check([value])
