"""The signer: turns a message into an Ed25519 signature by one registered key, or fails loudly.

Guarantees that a secret half is used only if it belongs to the registered public key, and that a signature is
checked against that public key before it is given out (every single one; of a bulk, which shares the opened
key, the first). Another signer (a hardware module, a remote service) needs the same two methods.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from nacl.signing import SigningKey

from ledger.core import ed25519
from ledger.errors import KeyUnusable
from ledger.storage.sealing import associated, unseal

SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key as the database knows it; `sealed` is its secret half, None once destroyed."""

    use: str
    origin: str
    kid: str
    public: bytes
    sealed: bytes | None


class Signer(Protocol):
    """Whatever can sign for a registered key."""

    def sign(self, key: RegisteredKey, message: bytes) -> bytes:
        """64 bytes that verify under `key.public`; raises KeyUnusable."""

    def sign_many(self, key: RegisteredKey, messages: Iterable[bytes]) -> list[bytes]:
        """A signature for each message, in order; raises KeyUnusable."""


class LocalSigner:
    """Keys sealed in the database, opened in this process."""

    def sign(self, key: RegisteredKey, message: bytes) -> bytes:
        """Sign and verify one message; raises KeyUnusable."""
        signature = _opened(key).sign(message).signature
        return _checked(key, message, signature)

    def sign_many(self, key: RegisteredKey, messages: Iterable[bytes]) -> list[bytes]:
        """Sign all messages and verify the first; raises KeyUnusable."""
        secret, listed = _opened(key), list(messages)
        signatures = [secret.sign(message).signature for message in listed]
        if listed:
            _checked(key, listed[0], signatures[0])
        return signatures


def signer() -> Signer:
    """The configured signer."""
    return LocalSigner()


@lru_cache(maxsize=1024)
def _opened(key: RegisteredKey) -> SigningKey:
    if key.sealed is None:
        raise KeyUnusable("The private key was destroyed", why=f"{key.use} key {key.kid}")
    secret = SigningKey(unseal(key.sealed, associated(key.use, key.origin, key.public)))
    if bytes(secret.verify_key) != key.public:
        raise KeyUnusable("A private key does not belong to its public key", why=f"{key.use} key {key.kid}")
    return secret


def _checked(key: RegisteredKey, message: bytes, signature: bytes) -> bytes:
    if not ed25519.verify(key.public, message, signature):
        raise KeyUnusable("A fresh signature does not verify", why=f"{key.use} key {key.kid}")
    return signature
