"""Ed25519 verification (RFC 8032, section 5.1.7), strict and the same everywhere.

Guarantees one verdict with and without libsodium: the equation is checked without the cofactor on the bytes
of R, S is below the group's order, and keys or R of small order and keys in a non-canonical encoding are
refused in front of either implementation. A libsodium that would accept more than this is not used.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING, Final

from ledger.core.ed25519_group import (
    ENCODED_BYTES,
    ORDER,
    PRIME,
    SMALL_ORDINATES,
    combination,
    decode,
    ordinate,
)
from ledger.core.ed25519_sodium import sodium_equation
from ledger.errors import WeakKey

if TYPE_CHECKING:
    from ledger.core.ed25519_group import Affine

SIGNATURE_BYTES: Final = 64

_KEYS_REMEMBERED: Final = 1024


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the 64-byte signature is the 32-byte key's over the message.

    False for every malformed or weak input; never raises. Rule: RFC 8032, section 5.1.7, without cofactor.
    """
    return _is_admissible(public, signature) and _equation(public, message, signature)


def verify_pure(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return the same verdict as `verify` without any accelerator."""
    return _is_admissible(public, signature) and _pure_equation(public, message, signature)


def is_weak(public: bytes) -> bool:
    """Tell whether these bytes must not serve as a public key; `check_public` says why."""
    return weakness(public) is not None


def check_public(public: bytes) -> None:
    """Raise WeakKey unless these are the 32 canonical bytes of a curve point of large order."""
    why = weakness(public)
    if why is not None:
        raise WeakKey("This Ed25519 public key is refused", why=why)


@lru_cache(maxsize=_KEYS_REMEMBERED)
def weakness(public: bytes) -> str | None:
    """Return why the bytes are no acceptable public key, None where they are one (RFC 8032, 5.1.3)."""
    if len(public) != ENCODED_BYTES:
        return f"it has {len(public)} bytes where {ENCODED_BYTES} belong"
    if _is_small(public):
        return "its point has a small order: signatures that verify under it need no private key"
    if ordinate(public) >= PRIME:
        return "its encoding is not canonical: the same point has another encoding"
    return None if decode(public) else "it is not a point of the curve"


def _is_small(encoded: bytes) -> bool:
    return ordinate(encoded) % PRIME in SMALL_ORDINATES


def _is_admissible(public: bytes, signature: bytes) -> bool:
    return (
        len(signature) == SIGNATURE_BYTES
        and int.from_bytes(signature[ENCODED_BYTES:], "little") < ORDER
        and not _is_small(signature[:ENCODED_BYTES])
        and weakness(public) is None
    )


@lru_cache(maxsize=_KEYS_REMEMBERED)
def _negated_key(public: bytes) -> Affine:
    point = decode(public)
    if point is None:
        raise WeakKey("This Ed25519 public key is refused", why="it is not a point of the curve")
    return PRIME - point[0], point[1]


def _pure_equation(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether S*B - h*A has exactly the encoding R."""
    commitment, scalar = signature[:ENCODED_BYTES], signature[ENCODED_BYTES:]
    challenge = int.from_bytes(sha512(commitment + public + message).digest(), "little") % ORDER
    return combination(_negated_key(public), challenge, int.from_bytes(scalar, "little")) == commitment


_equation = sodium_equation() or _pure_equation
