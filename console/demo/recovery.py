"""Recovery keys of the demo's streams: private halves in sealed files. Elsewhere they belong offline."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from nacl.signing import SigningKey

from ledger.core.keys import decode_base64
from ledger.errors import StreamUnknown
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import stream
from ledger.storage.sealing import NONCE_BYTES, associated, is_newest, seal, sealed_anew

SEED_BYTES = 32
FOLDER = Path("demo") / "recovery"


def recovery_key(folder: Path, origin: str, entropy: Callable[[int], bytes]) -> bytes:
    """The public half (32 bytes) of a new recovery key for `origin`; a file named like it holds the other.

    A key that an interrupted seed made and no stream got is overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed = entropy(SEED_BYTES)
    public = bytes(SigningKey(seed).verify_key)
    path = folder / f"{'.'.join(origin.split('/')[-2:])}.sealed"
    sealed = seal(seed, associated("recovery", origin, public), entropy(NONCE_BYTES))
    _write(path, sealed)
    return public


def recovery_files(state: Path) -> Iterator[tuple[Path, bytes]]:
    """The sealed files below the state directory, each with what it is sealed for, as the stream's genesis says."""
    for path in sorted((state / FOLDER).glob("*.sealed")):
        namespace, _, name = path.name.removesuffix(".sealed").partition(".")
        with suppress(StreamUnknown):
            found = stream(namespace, name)
            public = leaf(found, 0).parsed.fields["recovery_key"]
            if isinstance(public, str):
                yield path, associated("recovery", found.origin, decode_base64(public))


def seal_files_anew(state: Path, *, dry_run: bool) -> tuple[int, int]:
    """Seal the demo's recovery keys under the newest seal key; returns how many there are, and how many were old."""
    found = [(path, about, path.read_bytes()) for path, about in recovery_files(state)]
    old = [one for one in found if not is_newest(one[2], one[1])]
    for path, about, data in old if not dry_run else ():
        _write(path, sealed_anew(data, about, os.urandom(NONCE_BYTES)))
    return len(found), len(old)


def _write(path: Path, sealed: bytes) -> None:
    """In place of what was there, whole or not at all."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
