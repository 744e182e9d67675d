"""The signer: makes keys and turns messages into signatures by one registered key, or fails loudly.

Guarantees that a key signs only under the public half that is registered for it, that another key under the same
claimed identity is refused before anything is signed, and that a signature is checked against the registered half
before it is given out (every single one; of bulks, which share the opened key, the first in each second). `Signer` is
all that a backend has to do; COUNTERSIGN_SIGNER names it. Sealed software keys (`sealed`) are the one there is; what a
backend keeps in `sealed` is its own matter: a hardware module would keep the name of an object in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol, TypeAlias

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from django.conf import settings
from nacl.signing import SigningKey

from ledger.core import ed25519, optional_crypto
from ledger.core.keys import ED25519, MLDSA44
from ledger.errors import KeyUnusable, SignerPaused
from ledger.storage.sealing import NONCE_BYTES, associated, seal, unseal
from ledger.storage.signing_threads import sign_all

SEED_BYTES = 32
FORGET_S: Final = 60
"""Seconds after which a process forgets an opened key: one that was destroyed elsewhere signs no longer."""
CHECK_S: Final = 1.0
"""Seconds for which one verified signature speaks for the others of bulks that share its opened key."""
_NEVER: Final = float("-inf")
Entropy: TypeAlias = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key as the database knows it; `sealed` is its secret half, None once destroyed.

    `valid_from` and `valid_to` bound the leaves it is valid for; `paused` is why it may not sign now, '' where it may.
    """

    use: str
    origin: str
    kid: str
    public: bytes
    sealed: bytes | None
    alg: str = ED25519
    valid_from: int = 0
    valid_to: int | None = field(default=None, compare=False)
    paused: str = field(default="", compare=False)

    @property
    def is_retired(self) -> bool:
        """Whether its time has ended."""
        return self.valid_to is not None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair that was just made; `sealed` is what the row keeps of the private half."""

    alg: str
    public: bytes
    sealed: bytes


class Signer(Protocol):
    """Whatever can sign for a registered key. Every method raises KeyUnusable; those that sign SignerPaused too."""

    def create(self, use: str, origin: str, alg: str, entropy: Entropy) -> NewKey:
        """Make a key pair for one use under one origin; `entropy` gives random bytes."""

    def public(self, key: RegisteredKey) -> bytes:
        """The public half of what the backend holds under this identity, which must be the registered one."""

    def sign(self, key: RegisteredKey, message: bytes) -> bytes:
        """A signature that verifies under `key.public`: 64 bytes, or 2,420 of ML-DSA-44."""

    def sign_many(self, key: RegisteredKey, messages: Iterable[bytes]) -> list[bytes]:
        """A signature for each message, in order."""


class _Secret(Protocol):
    """An opened private half; `checked_at` is when a signature of a bulk was verified last (monotonic seconds)."""

    public: bytes
    checked_at: float

    def sign(self, message: bytes) -> bytes:
        """The bare signature."""

    def sign_many(self, messages: list[bytes]) -> list[bytes]:
        """The bare signature of each."""


class SealedSigner:
    """Keys sealed in the database, opened in this process."""

    def create(self, use: str, origin: str, alg: str, entropy: Entropy) -> NewKey:
        """Draw a seed of 32 bytes and seal it for this use, origin and public half."""
        seed = entropy(SEED_BYTES)
        public = _SECRETS[alg](seed).public
        return NewKey(alg, public, seal(seed, associated(use, origin, public), entropy(NONCE_BYTES)))

    def public(self, key: RegisteredKey) -> bytes:
        """What the sealed seed gives; raises KeyUnusable where that is not the registered key."""
        return _opened(key).public

    def sign(self, key: RegisteredKey, message: bytes) -> bytes:
        """Sign and verify one message; raises KeyUnusable, SignerPaused."""
        return checked(key, message, _allowed(key).sign(message))

    def sign_many(self, key: RegisteredKey, messages: Iterable[bytes]) -> list[bytes]:
        """Sign all messages, verify the first of a second; raises KeyUnusable, SignerPaused."""
        secret, listed, now = _allowed(key), list(messages), time.monotonic()
        signatures = secret.sign_many(listed)
        if listed and now - secret.checked_at >= CHECK_S:
            checked(key, listed[0], signatures[0])
            secret.checked_at = now
        return signatures


class _Ed25519:
    """PyNaCl."""

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public = bytes(self._key.verify_key)
        self.checked_at = _NEVER

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature

    def sign_many(self, messages: list[bytes]) -> list[bytes]:
        return sign_all(bytes(self._key) + self.public, messages)


class _MLDSA44:
    """FIPS 204 with an empty context, hedged: two signatures of one message differ, both verify."""

    def __init__(self, seed: bytes) -> None:
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        self.checked_at = _NEVER

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def sign_many(self, messages: list[bytes]) -> list[bytes]:
        return list(map(self.sign, messages))


_SECRETS: Final[dict[str, Callable[[bytes], _Secret]]] = {ED25519: _Ed25519, MLDSA44: _MLDSA44}
BACKENDS: Final[dict[str, Callable[[], Signer]]] = {"sealed": SealedSigner}


def signer() -> Signer:
    """The configured signer; raises KeyUnusable where COUNTERSIGN_SIGNER names none that there is."""
    name: str = settings.COUNTERSIGN_SIGNER
    if name not in BACKENDS:
        raise KeyUnusable("The configured signer is not known", why=name, next_step="Set COUNTERSIGN_SIGNER=sealed.")
    return BACKENDS[name]()


def checked(key: RegisteredKey, message: bytes, signature: bytes) -> bytes:
    """The signature, if it verifies under the registered public half; raises KeyUnusable."""
    verify = optional_crypto.verify_mldsa44 if key.alg == MLDSA44 else ed25519.verify
    if not verify(key.public, message, signature):
        raise KeyUnusable("A fresh signature does not verify", why=f"{key.use} key {key.kid}")
    return signature


def _allowed(key: RegisteredKey) -> _Secret:
    if key.paused:
        raise SignerPaused("The signer is paused", why=key.paused)
    return _opened(key)


def _opened(key: RegisteredKey) -> _Secret:
    return _open(key, int(time.monotonic() // FORGET_S))


@lru_cache(maxsize=1024)
def _open(key: RegisteredKey, _minute: int) -> _Secret:
    if key.sealed is None:
        raise KeyUnusable("The private key was destroyed", why=f"{key.use} key {key.kid}")
    secret = _SECRETS[key.alg](unseal(key.sealed, associated(key.use, key.origin, key.public)))
    if secret.public != key.public:
        raise KeyUnusable("A private key does not belong to its public key", why=f"{key.use} key {key.kid}")
    return secret
