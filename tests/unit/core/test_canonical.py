from __future__ import annotations

import enum
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ledger.core import canonical as module
from ledger.core.canonical import accelerated, canonical, canonical_pure, parse_canonical
from ledger.core.ecma_number import ecma_number
from ledger.core.strict_json import parse
from ledger.core.types import JSON
from ledger.errors import JSONInvalid, NotCanonical
from tests.vectors.known_json import NUMBERS, SORTED_KEYS, STRING, STRING_CANONICAL, UNSORTED

PLAIN: JSON = {"b": [1, {"d": None, "c": True}], "a": '\u20ac\u007f\u0001"\\/\n'}
PLAIN_BYTES = '{"a":"\u20ac\u007f\\u0001\\"\\\\/\\n","b":[1,{"c":true,"d":null}]}'.encode()


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_written_as_the_standard_lists_them(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert ecma_number(number) == text
    assert canonical([number]) == canonical_pure([number]) == f"[{text}]".encode()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e16, "10000000000000000"),
        (1.5e16, "15000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (0.1, "0.1"),
        (-12.75, "-12.75"),
        (1e100, "1e+100"),
    ],
)
def test_the_layout_of_a_number_follows_its_magnitude(number: float, text: str) -> None:
    assert canonical(number) == text.encode()


def test_keys_are_ordered_by_their_utf16_units() -> None:
    value = parse(UNSORTED)
    assert isinstance(value, dict)
    read_back = parse(canonical(value))
    assert isinstance(read_back, dict)
    assert tuple(read_back) == SORTED_KEYS


def test_strings_are_escaped_no_more_than_needed() -> None:
    assert canonical(parse(STRING)) == STRING_CANONICAL


def test_the_fast_and_the_pure_writer_give_the_same_bytes() -> None:
    assert accelerated(PLAIN) == canonical_pure(PLAIN) == canonical(PLAIN) == PLAIN_BYTES


def test_every_control_character_is_written_alike() -> None:
    value: JSON = ["".join(map(chr, range(0x80)))]
    assert accelerated(value) == canonical_pure(value)


@pytest.mark.parametrize(
    "value",
    [
        [1.5],
        {"a": {"b": 1.0}},
        {"\u00e9": 1},
        [{"\U0001f600": 1, "\ufb33": 2}],
        "text",
        7,
        None,
    ],
)
def test_what_the_accelerator_could_write_otherwise_goes_to_the_pure_writer(value: Any) -> None:
    assert accelerated(value) is None
    assert canonical(value) == canonical_pure(value)


def test_the_largest_safe_integers_are_fast() -> None:
    assert accelerated([2**53 - 1, 1 - 2**53]) == b"[9007199254740991,-9007199254740991]"


REFUSED = (
    ({"a": [1, 2**53]}, "$.a[1]"),
    ({"a": [1, -(2**53)]}, "$.a[1]"),
    ({"a": [float("nan")]}, "$.a[0]"),
    ({"a": float("-inf")}, "$.a"),
    ({"a": "\ud800"}, "$.a"),
    ({"\udfff": 1}, "$['\\udfff']"),
    ({"a": {2: 3}}, "$.a"),
    ({"a": {None: 3}}, "$.a"),
    ({"a b": (1,)}, "$['a b']"),
    ([{1, 2}], "$[0]"),
    (b"bytes", "$"),
    (10**400, "$"),
)


@pytest.mark.parametrize(("value", "path"), REFUSED)
@pytest.mark.parametrize("write", [canonical, canonical_pure])
def test_it_refuses_what_is_not_json_with_its_path(write: Callable[[Any], bytes], value: Any, path: str) -> None:
    with pytest.raises(JSONInvalid) as caught:
        write(value)
    assert caught.value.path == path


def test_true_is_never_written_as_one() -> None:
    assert canonical([True, 1, False, 0]) == canonical_pure([True, 1, False, 0]) == b"[true,1,false,0]"


def test_subclasses_are_written_as_the_value_they_are() -> None:
    class Colour(str, enum.Enum):  # noqa: UP042  the older spelling formats differently
        RED = "red"

    class Level(enum.IntEnum):
        HIGH = 3

    assert canonical({"a": Colour.RED, "b": Level.HIGH}) == b'{"a":"red","b":3}'
    assert canonical_pure({Colour.RED: Level.HIGH}) == b'{"red":3}'


@pytest.mark.parametrize("leaf", [[], {}, [1], {"a": 1}])
def test_both_writers_stop_at_the_same_depth(leaf: Any) -> None:
    value = leaf
    for _level in range(63):
        value = [value]
    assert accelerated(value) == canonical_pure(value)
    assert accelerated([value]) is None
    for write in (canonical, canonical_pure):
        with pytest.raises(JSONInvalid, match="deeper than 64"):
            write([value])


def test_canonical_bytes_are_read_back() -> None:
    assert parse_canonical(PLAIN_BYTES) == PLAIN


@pytest.mark.parametrize(
    "data", [b'{"b":1,"a":2}', b"[1, 2]", b"[1.0]", b'["\\u0041"]', b'["\\/"]', b"[-0]", b"[1]\n", b"[1e2]"]
)
def test_another_form_of_the_same_value_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse_canonical(data)


def test_bytes_that_are_not_json_are_refused_before_their_form() -> None:
    with pytest.raises(JSONInvalid):
        parse_canonical(b'{"a":1,"a":1}')


def test_everything_works_without_the_accelerator() -> None:
    program = (
        "import sys; sys.modules['orjson'] = None\n"
        "from ledger.core import canonical as c\n"
        "assert c.accelerated({'a': 1}) is None\n"
        f"assert c.canonical({PLAIN!r}) == {PLAIN_BYTES!r}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_accelerator_is_present_where_tests_run() -> None:
    assert module.accelerated({}) == b"{}"
