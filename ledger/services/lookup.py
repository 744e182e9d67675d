"""The per-stream key under which repeated events are found; sealed at rest, opened once per process."""

from __future__ import annotations

from functools import lru_cache

from ledger.storage.sealing import associated, seal, unseal

USE = "lookup"
KEY_BYTES = 32


def sealed_lookup_key(origin: str, key: bytes, nonce: bytes) -> bytes:
    """Seal a fresh key of 32 random bytes for the row of its stream."""
    return seal(key, associated(USE, origin), nonce)


@lru_cache(maxsize=1024)
def lookup_key(origin: str, sealed: bytes) -> bytes:
    """Open the key; raises KeyUnusable."""
    return unseal(sealed, associated(USE, origin))
