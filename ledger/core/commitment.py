"""Salted commitments: what a leaf says about a payload without saying the payload.

commitment = SHA-256("countersign/payload/1" 0 || salt || u64 size || u8 length || media type || bytes),
integers big-endian. The 32 random bytes of salt keep a low-entropy payload unguessable once payload and
salt are erased.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

from ledger.core.types import Hash
from ledger.errors import CommitmentMismatch, EventInvalid

DOMAIN = b"countersign/payload/1\0"
SALT_BYTES = 32
_sha256 = hashlib.sha256
MAX_MEDIA_TYPE_BYTES = 255
ATTRS_MEDIA_TYPE = "application/vnd.countersign.attrs.v1+json"
"""Media type under which an event's attributes are committed."""


def commit(salt: bytes, media_type: str, data: bytes) -> Hash:
    """Commit to `data` of `media_type` under 32 bytes of `salt`; raises EventInvalid for lengths."""
    if len(salt) != SALT_BYTES:
        raise EventInvalid("A salt must be 32 bytes", why=f"{len(salt)} bytes")
    size = len(data).to_bytes(8, "big")
    return Hash(_sha256(b"".join((DOMAIN, salt, size, _media(media_type), data))).digest())


@lru_cache(maxsize=256)
def _media(media_type: str) -> bytes:
    """A media type with its length before it; most events have one of a few."""
    if not media_type.isascii() or len(media_type) > MAX_MEDIA_TYPE_BYTES:
        raise EventInvalid("A media type must be at most 255 ASCII characters", why=media_type[:80])
    return bytes([len(media_type)]) + media_type.encode()


def open_commitment(commitment: bytes, salt: bytes, media_type: str, data: bytes) -> None:
    """Raises CommitmentMismatch unless salt, media type and bytes give exactly `commitment`."""
    if not hmac.compare_digest(commit(salt, media_type, data), commitment):
        raise CommitmentMismatch(
            "The disclosed bytes are not the ones the leaf commits to",
            why="salt, media type and bytes hash to another commitment",
        )
