"""Doubles as serde_json 1.0.149 writes them, and as its default reader reads them back.

Guarantees the shortest digits that read back as the same double, in the layout of its printer: always with a fraction
or an exponent, fixed notation from 1e-5 to below 1e16. Its reader is another matter: without the feature
`float_roundtrip`, which EvidenceOS does not ask for, it takes the digits as one 64-bit integer and scales it once,
so that many doubles of 17 digits come back as their neighbour. `daemon_reads` does the same.
"""

from __future__ import annotations

import re
from math import isfinite, isinf
from typing import Final

from governance.evidenceos.errors import NumberUnwritable

U64_MAX: Final = 2**64 - 1

_FIXED_FROM: Final = -4
_FIXED_TO: Final = 16
_LARGEST_POWER: Final = 308
_LITERAL: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_SAFE_DIGITS: Final = 15


def serde_float(number: float) -> str:
    """Return the text of a finite double; raises NumberUnwritable for NaN and the infinities.

    Rule: reference, section 0 (`0.00001`, `1e-6`, `1e+16`). serde would write `null` for what is not finite, which no
    reader of a number takes back; so it is refused.
    """
    if not isfinite(number):
        raise NumberUnwritable("This number cannot be written", why=f"{number} is not finite")
    sign, digits, point = _parts(float.__repr__(number))
    if not digits:
        return f"{sign}0.0"
    return sign + (_fixed(digits, point) if _FIXED_FROM <= point <= _FIXED_TO else _scientific(digits, point))


def daemon_reads(text: str) -> float | None:
    """Return the double that serde_json's default reader makes of a number's text; None where it refuses the text.

    Rule: significand as u64 (further digits are ignored once it is full), turned into a double, then multiplied or
    divided once by a power of ten; below 1e-308 in two steps.
    """
    found = _LITERAL.fullmatch(text)
    if found is None:
        return None
    sign, whole, rest, exponent = found.group(1), found.group(2), found.group(3) or "", int(found.group(4) or 0)
    significand, dropped = _significand(whole, rest)
    scaled = _scaled(float(significand), exponent + dropped)
    if scaled is None:
        return None
    return -scaled if sign else scaled


def survives(number: float) -> bool:
    """Tell whether the daemon reads back the very double that was written."""
    return daemon_reads(serde_float(number)) == number


def rounded(number: float) -> float:
    """Return the nearest double of 15 significant digits: the daemon reads every such number back unchanged.

    Holds between 1e-7 and 1e15, where probabilities and weights live: both steps of its reader are exact there.
    """
    return float(f"{number:.{_SAFE_DIGITS}g}")


def _parts(text: str) -> tuple[str, str, int]:
    """Sign, significant digits, and the place of the decimal point counted from before them."""
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.removeprefix("-").partition("e")
    whole, _, rest = mantissa.partition(".")
    digits = (whole + rest).lstrip("0")
    leading = len(whole + rest) - len(digits)
    return sign, digits.rstrip("0"), len(whole) - leading + int(exponent or 0)


def _fixed(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    return f"{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"


def _scientific(digits: str, point: int) -> str:
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"


def _significand(whole: str, rest: str) -> tuple[int, int]:
    """The integer of the digits that fit 64 bits, and the power of ten that is still to be applied."""
    value = 0
    for place, digit in enumerate(whole + rest):
        following = value * 10 + int(digit)
        if following > U64_MAX:
            return value, max(0, len(whole) - place) - max(0, place - len(whole))
        value = following
    return value, -len(rest)


def _scaled(number: float, exponent: int) -> float | None:
    while exponent < -_LARGEST_POWER:
        if not number:
            return number
        number, exponent = number / 1e308, exponent + _LARGEST_POWER
    if exponent > _LARGEST_POWER:
        return None if number else number
    scaled = number * float(f"1e{exponent}") if exponent >= 0 else number / float(f"1e{-exponent}")
    return None if isinf(scaled) else scaled
