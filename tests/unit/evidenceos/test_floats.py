"""Doubles are written as serde's printer writes them, and read as its default reader reads them."""

from __future__ import annotations

import pytest

from governance.evidenceos.core.floats import daemon_reads, rounded, serde_float, survives
from governance.evidenceos.errors import NumberUnwritable

WRITTEN = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (-2.5, "-2.5"),
    (0.1, "0.1"),
    (0.0001, "0.0001"),
    (1e-05, "0.00001"),
    (1.2345e-05, "0.000012345"),
    (9.999999999999999e-06, "9.999999999999999e-6"),
    (1e-06, "1e-6"),
    (1.5e-07, "1.5e-7"),
    (5e-324, "5e-324"),
    (2.2250738585072014e-308, "2.2250738585072014e-308"),
    (123456.0, "123456.0"),
    (1e15, "1000000000000000.0"),
    (9999999999999998.0, "9999999999999998.0"),
    (1e16, "1e+16"),
    (1.2e17, "1.2e+17"),
    (9007199254740993.0, "9007199254740992.0"),
    (18446744073709551615.0, "1.8446744073709552e+19"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
]


@pytest.mark.parametrize(("number", "text"), WRITTEN)
def test_a_double_is_written_in_the_printers_layout(number: float, text: str) -> None:
    assert serde_float(number) == text
    assert float(text) == number


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_has_no_text(number: float) -> None:
    with pytest.raises(NumberUnwritable):
        serde_float(number)


def test_the_daemon_reads_some_numbers_of_17_digits_as_their_neighbour() -> None:
    assert daemon_reads("130.65331632653061") == 130.65331632653058
    assert daemon_reads("0.20388349514563106") == 0.20388349514563103
    assert not survives(0.20388349514563106)
    assert survives(0.10679611650485436)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.5", 0.5),
        ("-0.25", -0.25),
        ("1e400", None),
        ("10e308", None),
        ("0e400", 0.0),
        ("0.2283038836859574890682", 0.22830388368595747),
        ("1e-400", 0.0),
        ("0.0e-400", 0.0),
        ("5e-324", 5e-324),
        ("nan", None),
        ("18446744073709551616", 1.8446744073709552e19),
        ("184467440737095516150", 1.8446744073709552e20),
        ("1.00000000000000000001", 1.0),
        ("18446744073709551615.75", 1.8446744073709552e19),
        ("1844674407370955161599.5", 1.8446744073709552e21),
    ],
)
def test_the_reader_takes_64_bits_of_digits_and_scales_them_once(text: str, number: float | None) -> None:
    assert daemon_reads(text) == number


def test_15_digits_are_read_back_unchanged() -> None:
    assert rounded(0.20388349514563106) == 0.203883495145631
    assert survives(rounded(0.20388349514563106))
