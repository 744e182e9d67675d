"""Doubles as serde_json 1.0.149 (printer zmij 1.0.23) writes and reads them: the answers of that crate itself.

Its default features, as EvidenceOS asks for them. A double is given by its 64 bits; None is a text that it refuses.
`drawn` makes the doubles of the two digests, which cover its answers one a line.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import sha256
from math import isfinite

WRITTEN = (
    (0x0000000000000000, "0.0"),
    (0x8000000000000000, "-0.0"),
    (0x3FF0000000000000, "1.0"),
    (0xBFF8000000000000, "-1.5"),
    (0x3FB999999999999A, "0.1"),
    (0x3FD5555555555555, "0.3333333333333333"),
    (0x3FE5555555555555, "0.6666666666666666"),
    (0x3FD3333333333334, "0.30000000000000004"),
    (0x3F1A36E2EB1C432D, "0.0001"),
    (0x3EE4F8B588E368F1, "0.00001"),
    (0x3EE4F8B588E368F0, "9.999999999999999e-6"),
    (0x3EE9E3ABE16FC70D, "0.000012345"),
    (0x3EB0C6F7A0B5ED8D, "1e-6"),
    (0x3E7AD7F29ABCAF48, "1e-7"),
    (0x3E8421F5F40D8376, "1.5e-7"),
    (0x430C6BF526340000, "1000000000000000.0"),
    (0x42DC12218377DE66, "123456789012345.6"),
    (0x433FFFFFFFFFFFFF, "9007199254740991.0"),
    (0x4340000000000000, "9007199254740992.0"),
    (0x4340000000000001, "9007199254740994.0"),
    (0x4341C37937E07FFF, "9999999999999998.0"),
    (0x4341C37937E08000, "1e+16"),
    (0x4341C37937E08001, "1.0000000000000002e+16"),
    (0x4376345785D8A000, "1e+17"),
    (0x448969368974C05B, "1.5e+22"),
    (0x444B1AE4D6E2EF50, "1e+21"),
    (0x01A56E1FC2F8F359, "1e-300"),
    (0x0000000000000001, "5e-324"),
    (0x0000000000000002, "1e-323"),
    (0x000FFFFFFFFFFFFF, "2.225073858507201e-308"),
    (0x0010000000000000, "2.2250738585072014e-308"),
    (0x7FEFFFFFFFFFFFFF, "1.7976931348623157e+308"),
    (0xC341C37937E08000, "-1e+16"),
    (0x4011666666666666, "4.35"),
    (0x4059000000000000, "100.0"),
    (0x3D30000000000000, "5.684341886080802e-14"),
    (0x43E0000000000000, "9.223372036854776e+18"),
    (0x43F0000000000000, "1.8446744073709552e+19"),
    (0x44B52D02C7E14AF6, "1e+23"),
    (0x44E67FD2F45F5FA6, "8.5e+23"),
    (0x3EB0000000000000, "9.5367431640625e-7"),
)
READ = (
    ("0.20388349514563106", 0x3FCA18DAB7EC1DD2),
    ("0.1", 0x3FB999999999999A),
    ("1e-7", 0x3E7AD7F29ABCAF48),
    ("0.000001", 0x3EB0C6F7A0B5ED8D),
    ("9007199254740993", 0x4340000000000000),
    ("18446744073709551615", 0x43F0000000000000),
    ("18446744073709551616", 0x43F0000000000000),
    ("1.7976931348623157e308", 0x7FEFFFFFFFFFFFFF),
    ("1.7976931348623159e308", None),
    ("1e309", None),
    ("5e-324", 0x0000000000000001),
    ("2e-324", 0x0000000000000000),
    ("1e-400", 0x0000000000000000),
    ("0e999", 0x0000000000000000),
    ("-0", 0x8000000000000000),
    ("123456789012345678901234567890", 0x45F8EE90FF6C373E),
    ("0.3333333333333333148296162562473909929394721984863281", 0x3FD5555555555555),
    ("2.2250738585072011e-308", 0x0010000000000000),
    ("0.9999999999999999", 0x3FF0000000000000),
    ("8.41e21", 0x447C7E83209E90B2),
    ("9.5e-310", 0x0000AEE12CB08A99),
    ("1e16", 0x4341C37937E08000),
    ("10000000000000000.0", 0x4341C37937E08000),
)

DRAWN = 10_000
WRITTEN_DIGEST = "06f10b3cb6bf81a2cabfcfb5d116f648c1db274d6610e1d372ae48aa2d5b0262"
"""SHA-256 of the texts of all that is drawn."""
READ_DIGEST = "cfbf98010ee1acfd572be9be949531474f2787fb9adf31b8c28cf807cd9a4dd3"
"""SHA-256 of the bits that are read of those texts, then of `%.16e` and of `%.19e` of each."""


def double(bits: int) -> float:
    """The double of these 64 bits."""
    found: float = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    return found


def bits(number: float) -> str:
    """The 64 bits of a double in hex."""
    return struct.pack(">d", number).hex()


def drawn() -> Iterator[float]:
    """Doubles of every size, and as many between 0 and 1."""
    for place in range(DRAWN):
        data = sha256(b"double %d" % place).digest()
        number = double(int.from_bytes(data[:8], "big"))
        if isfinite(number):
            yield number
        yield int.from_bytes(data[8:16], "big") / 2**64
