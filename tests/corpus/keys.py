"""The keys of the corpus: Ed25519 from named seeds, so that every run signs the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from nacl.signing import SigningKey

from ledger.core.keys import DelegatedKey, Use
from ledger.core.note import KeyType, VKey, make_vkey

ORIGIN = "demo-c0ffee.localhost/log/acme/decisions"
OTHER_ORIGIN = "demo-c0ffee.localhost/log/acme/payments"


@dataclass(frozen=True)
class Key:
    """A signing key; its uses are named by the functions below."""

    name: str

    @property
    def signing(self) -> SigningKey:
        return SigningKey(hashlib.sha256(b"countersign corpus " + self.name.encode()).digest())

    @property
    def public(self) -> bytes:
        return bytes(self.signing.verify_key)

    def sign(self, message: bytes) -> bytes:
        return bytes(self.signing.sign(message).signature)

    def vkey(self, origin: str = ORIGIN, key_type: int = KeyType.ED25519) -> VKey:
        return make_vkey(origin, self.public, key_type)

    def delegated(self, use: Use, origin: str = ORIGIN) -> DelegatedKey:
        return DelegatedKey.of(use, origin, self.public)


@dataclass(frozen=True)
class PQKey(Key):
    """An ML-DSA-44 key: hedged, so its signatures differ from run to run; within one each message has one."""

    @property
    def secret(self) -> MLDSA44PrivateKey:
        return MLDSA44PrivateKey.from_seed_bytes(hashlib.sha256(b"countersign corpus " + self.name.encode()).digest())

    @property
    def public(self) -> bytes:
        return self.secret.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return _signed_once(self, message)

    def vkey(self, origin: str = ORIGIN, key_type: int = KeyType.MLDSA44) -> VKey:
        return make_vkey(origin, self.public, key_type)


@lru_cache
def _signed_once(key: PQKey, message: bytes) -> bytes:
    return key.secret.sign(message)


LOG = Key("log")
LOG_PQ = PQKey("log, post-quantum")
NEW_LOG = Key("new log")
RECEIPT = Key("receipt")
NEW_RECEIPT = Key("new receipt")
EXPORT = Key("export")
RECOVERY = Key("recovery")
ATTACKER = Key("attacker")
WITNESS = Key("witness")
WITNESS_NAME = "witness.example"


def witness_vkey(key: Key = WITNESS) -> VKey:
    return key.vkey(WITNESS_NAME, KeyType.COSIGNATURE)
