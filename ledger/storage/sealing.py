"""The seal of secrets at rest: XChaCha20-Poly1305 under COUNTERSIGN_SEAL_KEY.

Guarantees that a sealed secret opens only for the use, origin and public key it was sealed for: all three are
additional data, so rows cannot be swapped. Form: one version byte, 24 bytes of nonce, ciphertext with its tag.
While the seal key is rotated there is a ring: the newest one seals, all of them open (`seal_key_rotate`).
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

from ledger.errors import KeyUnusable

NONCE_BYTES = 24
_VERSION = b"\x01"


def associated(use: str, origin: str, public: bytes = b"") -> bytes:
    """Additional data `use|origin|public`: what the secret is for."""
    return b"|".join((use.encode(), origin.encode(), public))


def derived(purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose, derived from the newest seal key (HMAC-SHA256): no key serves two purposes."""
    return derived_keys(purpose)[0]


def derived_keys(purpose: bytes) -> tuple[bytes, ...]:
    """The same from every seal key of the ring, the newest first."""
    return tuple(hmac.digest(key, b"countersign/" + purpose, sha256().name) for key in _ring())


def seal(secret: bytes, about: bytes, nonce: bytes, purpose: bytes = b"") -> bytes:
    """Seal `secret` for `about` (from `associated`) with 24 fresh random bytes, under the newest seal key or the key
    derived from it for `purpose`.
    """
    if len(nonce) != NONCE_BYTES:
        raise KeyUnusable("A nonce must be 24 bytes", why=f"{len(nonce)} bytes")
    key = _keys(purpose)[0]
    return _VERSION + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(secret, about, nonce, key)


def unseal(sealed: bytes, about: bytes, purpose: bytes = b"") -> bytes:
    """Open what `seal` made under any key of the ring; raises KeyUnusable for another key or `about`."""
    if sealed[:1] != _VERSION:
        raise KeyUnusable("A sealed secret has an unknown version", why=sealed[:1].hex())
    for key in _keys(purpose):
        secret = _opened(sealed, about, key)
        if secret is not None:
            return secret
    raise KeyUnusable("A sealed secret does not open", why="wrong seal key, or the row was altered")


def is_newest(sealed: bytes, about: bytes, purpose: bytes = b"") -> bool:
    """Whether it is sealed under the newest key of the ring."""
    return _opened(sealed, about, _keys(purpose)[0]) is not None


def sealed_anew(sealed: bytes, about: bytes, nonce: bytes, purpose: bytes = b"") -> bytes:
    """The same secret under the newest key, opened again before it is given out; raises KeyUnusable."""
    secret = unseal(sealed, about, purpose)
    made = seal(secret, about, nonce, purpose)
    if not is_newest(made, about, purpose) or unseal(made, about, purpose) != secret:
        raise KeyUnusable("A secret that was sealed anew does not open to the same", why=f"{len(made)} bytes")
    return made


def _opened(sealed: bytes, about: bytes, key: bytes) -> bytes | None:
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return bytes(crypto_aead_xchacha20poly1305_ietf_decrypt(body, about, nonce, key))
    except (CryptoError, ValueError):
        return None


def _keys(purpose: bytes) -> tuple[bytes, ...]:
    return derived_keys(purpose) if purpose else _ring()


def _ring() -> tuple[bytes, ...]:
    return (bytes(settings.COUNTERSIGN_SEAL_KEY), *settings.COUNTERSIGN_SEAL_KEYS_BEFORE)
