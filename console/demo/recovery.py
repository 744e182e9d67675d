"""Recovery keys of the demo's streams: private halves in sealed files. Elsewhere they belong offline."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from nacl.signing import SigningKey

from ledger.storage.sealing import NONCE_BYTES, associated, seal

SEED_BYTES = 32


def recovery_key(folder: Path, origin: str, entropy: Callable[[int], bytes]) -> bytes:
    """The public half (32 bytes) of a new recovery key for `origin`; a file named like it holds the other.

    A key that an interrupted seed made and no stream got is overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed = entropy(SEED_BYTES)
    public = bytes(SigningKey(seed).verify_key)
    path = folder / f"{'.'.join(origin.split('/')[-2:])}.sealed"
    sealed = seal(seed, associated("recovery", origin, public), entropy(NONCE_BYTES))
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    return public
