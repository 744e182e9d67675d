"""Numbers as ECMAScript writes them (ECMA-262, Number::toString; RFC 8785, section 3.2.2.3).

Guarantees the shortest digits that read back as the same double: Python's `repr` finds those digits,
only their layout differs.
"""

from __future__ import annotations

from ledger.core.json_faults import MAX_SAFE_INTEGER

_LONGEST_PLAIN = 21
_SMALLEST_PLAIN = -6


def ecma_number(number: float) -> str:
    """Return the text of a finite double; both zeros are `0`."""
    if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER:
        return int.__repr__(int(number))
    sign = "-" if number < 0 else ""
    return sign + _layout(*_digits(float.__repr__(abs(number))))


def _digits(text: str) -> tuple[str, int]:
    """Return the significant digits and the place of the decimal point, counted from before them."""
    mantissa, _, exponent = text.partition("e")
    whole, _, rest = mantissa.partition(".")
    digits = (whole + rest).lstrip("0")
    leading = len(whole + rest) - len(digits)
    return digits.rstrip("0"), len(whole) - leading + int(exponent or 0)


def _layout(digits: str, point: int) -> str:
    if len(digits) <= point <= _LONGEST_PLAIN:
        return digits.ljust(point, "0")
    if 0 < point <= _LONGEST_PLAIN:
        return f"{digits[:point]}.{digits[point:]}"
    if _SMALLEST_PLAIN < point <= 0:
        return f"0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"
