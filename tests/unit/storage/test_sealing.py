"""Secrets at rest open for what they were sealed for, and for nothing else."""

from __future__ import annotations

import os
from typing import Any

import pytest
from nacl.signing import SigningKey

from ledger.core import ed25519
from ledger.errors import KeyUnusable
from ledger.storage.sealing import associated, seal, unseal
from ledger.storage.signer import RegisteredKey, SealedSigner

ABOUT = associated("receipt", "h/log/a/b", b"public")


def test_what_is_sealed_opens() -> None:
    assert unseal(seal(b"secret", ABOUT, os.urandom(24)), ABOUT) == b"secret"


@pytest.mark.parametrize(
    "other",
    [
        associated("export", "h/log/a/b", b"public"),
        associated("receipt", "h/log/a/c", b"public"),
        associated("receipt", "h/log/a/b", b"publik"),
    ],
)
def test_it_opens_for_nothing_else(other: bytes) -> None:
    with pytest.raises(KeyUnusable):
        unseal(seal(b"secret", ABOUT, os.urandom(24)), other)


@pytest.mark.parametrize("at", [0, 1, 24, 25, -1])
def test_an_altered_byte_is_noticed(at: int) -> None:
    sealed = bytearray(seal(b"secret", ABOUT, os.urandom(24)))
    sealed[at] ^= 1
    with pytest.raises(KeyUnusable):
        unseal(bytes(sealed), ABOUT)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(24)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(KeyUnusable):
        unseal(sealed, ABOUT)


def test_another_seal_key_opens_nothing(settings: Any) -> None:
    sealed = seal(b"secret", ABOUT, os.urandom(24))
    settings.COUNTERSIGN_SEAL_KEY = bytes(32)
    with pytest.raises(KeyUnusable):
        unseal(sealed, ABOUT)


def test_a_nonce_of_another_length_is_refused() -> None:
    with pytest.raises(KeyUnusable):
        seal(b"secret", ABOUT, os.urandom(12))


def registered(seed: bytes, public: bytes) -> RegisteredKey:
    sealed = seal(seed, associated("receipt", "h/log/a/b", public), os.urandom(24))
    return RegisteredKey("receipt", "h/log/a/b", "kid", public, sealed)


def test_a_signature_verifies_under_the_registered_key() -> None:
    seed = os.urandom(32)
    key = registered(seed, bytes(SigningKey(seed).verify_key))
    assert ed25519.verify(key.public, b"one", SealedSigner().sign(key, b"one"))
    both = SealedSigner().sign_many(key, [b"one", b"two"])
    assert all(ed25519.verify(key.public, said, one) for said, one in zip((b"one", b"two"), both, strict=True))
    assert SealedSigner().sign_many(key, []) == []


def test_a_secret_of_another_public_key_signs_nothing() -> None:
    key = registered(os.urandom(32), bytes(SigningKey(os.urandom(32)).verify_key))
    with pytest.raises(KeyUnusable, match="does not belong"):
        SealedSigner().sign(key, b"one")


def test_a_destroyed_key_signs_nothing() -> None:
    with pytest.raises(KeyUnusable, match="destroyed"):
        SealedSigner().sign(RegisteredKey("receipt", "o", "kid", bytes(32), None), b"one")


def test_a_signature_that_does_not_verify_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    seed = os.urandom(32)
    key = registered(seed, bytes(SigningKey(seed).verify_key))
    monkeypatch.setattr("ledger.storage.signer.ed25519.verify", lambda *_: False)
    with pytest.raises(KeyUnusable, match="does not verify"):
        SealedSigner().sign(key, b"one")
    with pytest.raises(KeyUnusable, match="does not verify"):
        SealedSigner().sign_many(key, [b"one"])
