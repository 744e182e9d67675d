"""libsodium as an accelerator, admitted only while it decides like RFC 8032 without the cofactor.

Guarantees that a build which checks the equation times eight (some newer ones do) is not used: it is tried
once with signatures that only such a build accepts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Equation = Callable[[bytes, bytes, bytes], bool]

PROBE_MESSAGE: Final = b"countersign"
_KEY: Final = "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409"
# Public key plus a point of order 8, which belongs to no private key.
_MIXED_KEY: Final = "82388247a0899a251cbefc006f5dba17d1f4e0cae1415e918460276784a74035"

PROBES: Final = (
    (
        _KEY,
        (
            "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4"
            "429224f2c5d6dd4a2e891a3d6124ff09151e712269f35e0cf3a5c7a86694f50c"
        ),
        True,
    ),
    (
        _MIXED_KEY,
        (
            "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4"
            "d36a5e4da91002e33f36580ca29c2a84f70da7ae793d4b543d66a416c0381606"
        ),
        False,
    ),
    (
        _KEY,
        (
            "b46d3334f30c4899832dfd21c58398f71a049f079208445e3eca96ff3f9a09c6"
            "cedd25286ff623ff7869f9f0686638bfa882c19b0662aa040b5b3ae99baa7c06"
        ),
        False,
    ),
)
"""Key, signature and verdict over PROBE_MESSAGE: an honest one, one under a mixed key, one with a mixed R."""


def agrees(equation: Equation) -> bool:
    """Tell whether a verifier gives the right verdict on each of PROBES."""
    return all(
        equation(bytes.fromhex(public), PROBE_MESSAGE, bytes.fromhex(signature)) is verdict
        for public, signature, verdict in PROBES
    )


def sodium_equation() -> Equation | None:
    """Return libsodium's check of the equation, None where it is absent or disagrees."""
    try:
        from nacl.bindings import crypto_sign_open  # noqa: PLC0415  optional accelerator
        from nacl.exceptions import BadSignatureError  # noqa: PLC0415  optional accelerator
    except ImportError:
        return None

    def equation(public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            crypto_sign_open(signature + message, public)
        except BadSignatureError:
            return False
        return True

    return equation if agrees(equation) else None
