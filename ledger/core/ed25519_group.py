"""The group edwards25519 (RFC 8032, section 5.1) in plain integers: decoding, and s*B + h*A for verification.

Guarantees exact arithmetic in extended coordinates (Hisil, Wong, Carter, Dawson 2008). Nothing here is
constant in time: it handles public values only and must never see a private key.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import zip_longest
from typing import Final, NamedTuple, TypeAlias

PRIME: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point, L in RFC 8032."""

ENCODED_BYTES: Final = 32

_EIGHTH: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDINATES: Final = frozenset({0, 1, PRIME - 1, _EIGHTH, PRIME - _EIGHTH})
"""The y coordinates, reduced, of the eight points whose order divides 8."""

_SIGN: Final = 1 << 255
_D: Final = -121665 * pow(121666, -1, PRIME) % PRIME
_ROOT_OF_MINUS_ONE: Final = pow(2, (PRIME - 1) // 4, PRIME)
_BASE: Final = bytes([0x58]) + bytes([0x66]) * 31
_KEY_WINDOW: Final = 5
_BASE_WINDOW: Final = 8
_KEYS_REMEMBERED: Final = 256

Affine: TypeAlias = tuple[int, int]


class _Point(NamedTuple):
    """Extended coordinates: x = X/Z, y = Y/Z, x*y = T/Z."""

    x: int
    y: int
    z: int
    t: int


class _Addend(NamedTuple):
    """A point prepared for additions: Y+X, Y-X, 2Z, 2dT."""

    plus: int
    minus: int
    z2: int
    t2d: int


def ordinate(encoded: bytes) -> int:
    """Return the y coordinate as encoded, not reduced, without the sign of x."""
    return int.from_bytes(encoded, "little") & (_SIGN - 1)


def decode(encoded: bytes) -> Affine | None:
    """Return (x, y) of 32 bytes; None where no point or no canonical encoding (RFC 8032, section 5.1.3)."""
    y, sign = ordinate(encoded), encoded[-1] >> 7
    x = _abscissa(y)
    if y >= PRIME or x is None or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else PRIME - x), y


def _abscissa(y: int) -> int | None:
    u, v = (y * y - 1) % PRIME, (_D * y * y + 1) % PRIME
    x = u * v**3 * pow(u * v**7, (PRIME - 5) // 8, PRIME) % PRIME
    if v * x * x % PRIME == u:
        return x
    x = x * _ROOT_OF_MINUS_ONE % PRIME
    return x if v * x * x % PRIME == u else None


def combination(point: Affine, scalar: int, base_scalar: int) -> bytes:
    """Return the encoding of scalar * point + base_scalar * B; both scalars in [0, ORDER)."""
    x, y, z = 0, 1, 1
    digits = zip_longest(_signed(scalar, _KEY_WINDOW), _signed(base_scalar, _BASE_WINDOW), fillvalue=0)
    for of_point, of_base in reversed(list(digits)):
        total = _double(x, y, z)
        if of_point:
            total = _add(total, _multiples(point, _KEY_WINDOW)[of_point])
        if of_base:
            total = _add(total, _base_multiples()[of_base])
        x, y, z, _ = total
    return _encode(x, y, z)


def _double(x: int, y: int, z: int) -> _Point:
    a, b = x * x % PRIME, y * y % PRIME
    e, g, h = 2 * x * y % PRIME, b - a, -a - b
    f = g - 2 * z * z % PRIME
    return _Point(e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def _add(point: _Point, addend: _Addend) -> _Point:
    x, y, z, t = point
    a, b = (y - x) * addend.minus % PRIME, (y + x) * addend.plus % PRIME
    c, d = t * addend.t2d % PRIME, z * addend.z2 % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return _Point(e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def _signed(scalar: int, window: int) -> list[int]:
    """Return odd or zero digits, lowest first, that sum to the scalar: few of them are not zero."""
    digits = []
    full = 1 << window
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar % full
            digit -= full if digit >= full >> 1 else 0
            scalar -= digit
        digits.append(digit)
        scalar >>= 1
    return digits


def _prepared(point: _Point) -> _Addend:
    x, y, z, t = point
    return _Addend((y + x) % PRIME, (y - x) % PRIME, 2 * z % PRIME, 2 * _D * t % PRIME)


def _negated(addend: _Addend) -> _Addend:
    return _Addend(addend.minus, addend.plus, addend.z2, PRIME - addend.t2d)


@lru_cache(maxsize=_KEYS_REMEMBERED)
def _multiples(point: Affine, window: int) -> dict[int, _Addend]:
    """Return the odd multiples of a point that signed digits of this window can name."""
    x, y = point
    current = _Point(x, y, 1, x * y % PRIME)
    twice = _prepared(_double(x, y, 1))
    table = {}
    for digit in range(1, 1 << window - 1, 2):
        table[digit] = _prepared(current)
        table[-digit] = _negated(table[digit])
        current = _add(current, twice)
    return table


@cache
def _base_multiples() -> dict[int, _Addend]:
    base = decode(_BASE)
    assert base is not None, "the base point of RFC 8032 decodes"  # noqa: S101  narrows a constant
    return _multiples(base, _BASE_WINDOW)


def _encode(x: int, y: int, z: int) -> bytes:
    inverse = pow(z, -1, PRIME)
    sign = (x * inverse % PRIME & 1) * _SIGN
    return (y * inverse % PRIME | sign).to_bytes(ENCODED_BYTES, "little")
