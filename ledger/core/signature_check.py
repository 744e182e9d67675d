"""One signature body against one verifier key, by the type of the key.

Guarantees three verdicts: `valid`, `wrong`, and `not_evaluated` where this Python lacks the algorithm.
Follows C2SP signed-note v1.0.0 ("Signature types"), tlog-cosignature, static-ct-api ("Checkpoints").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeAlias

from ledger.core import ed25519, optional_crypto
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.cosignature import cosignature_message, parse_cosignature
from ledger.core.vkey import KeyType, VKey
from ledger.errors import NoteMalformed

ED25519_SIGNATURE_BYTES: Final = 64
_Check: TypeAlias = Callable[[VKey, str, bytes], "bool | None"]
SignatureCheck: TypeAlias = "Callable[[VKey, str, bytes], Verdict]"

# RFC 6962, 3.5 and RFC 5246, 4.7: version v1, signature type tree_hash; hash SHA-256, signature ECDSA.
_TREE_HEAD: Final = b"\x00\x01"
_SHA256_ECDSA: Final = b"\x04\x03"


class Verdict(StrEnum):
    """What can be said about a signature."""

    VALID = "valid"
    WRONG = "wrong"
    NOT_EVALUATED = "not_evaluated"


def check_signature(vkey: VKey, text: str, body: bytes) -> Verdict:
    """Say whether `body` (what follows the key ID) is the signature of `vkey` over the note `text`."""
    try:
        answer = _CHECKS[vkey.key_type](vkey, text, body)
    except NoteMalformed:
        return Verdict.WRONG
    if answer is None:
        return Verdict.NOT_EVALUATED
    return Verdict.VALID if answer else Verdict.WRONG


class SignatureMemory:
    """`check_signature` that remembers its answers: one verification sees the same note in many steps."""

    def __init__(self) -> None:
        self._answers: dict[tuple[VKey, bytes, bytes], Verdict] = {}

    def __call__(self, vkey: VKey, text: str, body: bytes) -> Verdict:
        """The verdict on a signature, checked at most once."""
        key = (vkey, sha256(text.encode("utf-8", "surrogatepass")).digest(), sha256(body).digest())
        if key not in self._answers:
            self._answers[key] = check_signature(vkey, text, body)
        return self._answers[key]


def _ed25519(vkey: VKey, text: str, body: bytes) -> bool:
    return len(body) == ED25519_SIGNATURE_BYTES and ed25519.verify(vkey.public, text.encode(), body)


def _ecdsa(vkey: VKey, text: str, body: bytes) -> bool | None:
    return optional_crypto.verify_ecdsa(vkey.public, text.encode(), body)


def _cosignature(vkey: VKey, text: str, body: bytes) -> bool:
    given = parse_cosignature(body, vkey.key_type)
    return ed25519.verify(vkey.public, cosignature_message(vkey, text, given.timestamp), given.signature)


def _mldsa44(vkey: VKey, text: str, body: bytes) -> bool | None:
    given = parse_cosignature(body, vkey.key_type)
    message = cosignature_message(vkey, text, given.timestamp)
    return optional_crypto.verify_mldsa44(vkey.public, message, given.signature)


def _tree_head(vkey: VKey, text: str, body: bytes) -> bool | None:
    checkpoint = parse_checkpoint(text)
    time, algorithms, length, signature = body[:8], body[8:10], body[10:12], body[12:]
    if checkpoint.extensions or algorithms != _SHA256_ECDSA or len(signature) != int.from_bytes(length, "big"):
        return False
    message = _TREE_HEAD + time + checkpoint.size.to_bytes(8, "big") + checkpoint.root
    return checkpoint.origin == vkey.name and optional_crypto.verify_ecdsa(vkey.public, message, signature)


_CHECKS: Final[Mapping[KeyType, _Check]] = {
    KeyType.ED25519: _ed25519,
    KeyType.ECDSA: _ecdsa,
    KeyType.COSIGNATURE: _cosignature,
    KeyType.RFC6962: _tree_head,
    KeyType.MLDSA44: _mldsa44,
}
