"""The seal of secrets at rest: XChaCha20-Poly1305 under COUNTERSIGN_SEAL_KEY.

Guarantees that a sealed secret opens only for the use, origin and public key it was sealed for: all three are
additional data, so rows cannot be swapped. Form: one version byte, 24 bytes of nonce, ciphertext with its
tag.
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
    """A key of 32 bytes for one purpose, derived from the seal key (HMAC-SHA256): no key serves two purposes."""
    return hmac.digest(_key(), b"countersign/" + purpose, sha256().name)


def seal(secret: bytes, about: bytes, nonce: bytes, key: bytes | None = None) -> bytes:
    """Seal `secret` for `about` (from `associated`) with 24 fresh random bytes, under `key` or the seal key."""
    if len(nonce) != NONCE_BYTES:
        raise KeyUnusable("A nonce must be 24 bytes", why=f"{len(nonce)} bytes")
    return _VERSION + nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(secret, about, nonce, key or _key())


def unseal(sealed: bytes, about: bytes, key: bytes | None = None) -> bytes:
    """Open what `seal` made; raises KeyUnusable for another key, use, origin or public key."""
    version, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        if version != _VERSION:
            raise KeyUnusable("A sealed secret has an unknown version", why=version.hex())
        return bytes(crypto_aead_xchacha20poly1305_ietf_decrypt(body, about, nonce, key or _key()))
    except (CryptoError, ValueError) as error:
        raise KeyUnusable("A sealed secret does not open", why="wrong seal key, or the row was altered") from error


def _key() -> bytes:
    return bytes(settings.COUNTERSIGN_SEAL_KEY)
