"""Verifier keys: who may sign a note, as one line of text.

Guarantees that a `VKey` in memory has a lawful name, key material of the shape of its type, no small-order
Ed25519 point, and the key ID that follows from them: a stated key ID is compared, never believed. Follows
C2SP signed-note v1.0.0 ("Signatures", "Signature types"), tlog-cosignature and static-ct-api for the key IDs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from re import fullmatch
from typing import Final

from ledger.core import ed25519, strict_base64
from ledger.errors import NoteMalformed

KEY_ID_BYTES: Final = 4
MLDSA44_PUBLIC_BYTES: Final = 1312
_PARTS: Final = 3


class KeyType(IntEnum):
    """The signature type byte of a verifier key."""

    ED25519 = 0x01
    ECDSA = 0x02
    COSIGNATURE = 0x04
    RFC6962 = 0x05
    MLDSA44 = 0x06


_ED25519_TYPES: Final = frozenset({KeyType.ED25519, KeyType.COSIGNATURE})

# SubjectPublicKeyInfo up to the uncompressed point, and the bytes of its coordinates: the only DER accepted.
_SPKI: Final = (
    (bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), 64),
    (bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004"), 96),
    (bytes.fromhex("30819b301006072a8648ce3d020106052b810400230381860004"), 132),
)


@dataclass(frozen=True, slots=True)
class VKey:
    """A named public key of one signature type; `key_id` (4 bytes) is always computed here."""

    name: str
    key_type: KeyType
    public: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Refuse a name, type or key that no verifier should hold: NoteMalformed, WeakKey."""
        check_key_name(self.name)
        object.__setattr__(self, "key_type", _key_type(self.key_type))
        _check_public(self.key_type, self.public)
        object.__setattr__(self, "key_id", _key_id(self.name, self.key_type, self.public))

    def __str__(self) -> str:
        """Write `<name>+<hex key ID>+<base64(type || public key)>`."""
        material = strict_base64.encode(bytes([self.key_type]) + self.public)
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> VKey:
        """Read one verifier key; raise NoteMalformed (also for a key ID that does not follow) or WeakKey."""
        name, stated, material = _split(text)
        vkey = cls(name, _key_type(material[0]), material[1:])
        if vkey.key_id != stated:
            raise NoteMalformed(
                "The key ID of a verifier key does not follow from it",
                why=f"stated {stated.hex()}, computed {vkey.key_id.hex()}",
                next_step="Ask the owner of the key for its verifier key again.",
            )
        return vkey


def make_vkey(name: str, public: bytes, key_type: int = KeyType.ED25519) -> VKey:
    """Make the verifier key of `public` under `name`; raise NoteMalformed or WeakKey."""
    return VKey(name, _key_type(key_type), public)


def check_key_name(name: str) -> None:
    """Raise NoteMalformed unless `name` is non-empty UTF-8 without space, '+' or control characters."""
    if not name or any(_is_foreign_to_names(character) for character in name):
        raise NoteMalformed("A key name is empty or has a space, '+' or control character", why=ascii(name))


def _is_foreign_to_names(character: str) -> bool:
    return character.isspace() or character == "+" or character < " " or "\ud800" <= character <= "\udfff"


def _split(text: str) -> tuple[str, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != _PARTS or not fullmatch(r"[0-9a-f]{8}", parts[1]):
        raise NoteMalformed("A verifier key is not <name>+<8 hex digits>+<base64>", why=ascii(text[:80]))
    try:
        material = strict_base64.decode(parts[2])
    except ValueError as error:
        raise NoteMalformed("The key material of a verifier key is not base64", why=str(error)) from error
    if not material:
        raise NoteMalformed("A verifier key has no key material")
    return parts[0], bytes.fromhex(parts[1]), material


def _key_type(value: int) -> KeyType:
    try:
        return KeyType(value)
    except ValueError as error:
        raise NoteMalformed("The signature type of a verifier key is not known here", why=f"0x{value:02x}") from error


def _check_public(key_type: KeyType, public: bytes) -> None:
    if key_type in _ED25519_TYPES:
        lawful = len(public) == 32
    elif key_type is KeyType.MLDSA44:
        lawful = len(public) == MLDSA44_PUBLIC_BYTES
    else:
        lawful = any(public.startswith(head) and len(public) == len(head) + size for head, size in _SPKI)
    if not lawful:
        raise NoteMalformed("A public key has not the shape of its type", why=f"{key_type.name}, {len(public)} bytes")
    if key_type in _ED25519_TYPES:
        ed25519.check_public(public)


def _key_id(name: str, key_type: KeyType, public: bytes) -> bytes:
    if key_type is KeyType.ECDSA:
        return sha256(public).digest()[:KEY_ID_BYTES]
    material = sha256(public).digest() if key_type is KeyType.RFC6962 else public
    return sha256(name.encode() + b"\n" + bytes([key_type]) + material).digest()[:KEY_ID_BYTES]
