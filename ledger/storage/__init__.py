"""What lies outside the tables: tiles, large objects, exports, and the private keys' seal.

Guarantees for every backend: `put` creates or finds equal bytes, never overwrites, and returns after the
bytes would survive a power failure. Backends are written natively; `Store` only names what they have in
common.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from ledger.storage.files import FileStore
from ledger.storage.memory import MemoryStore


class Store(Protocol):
    """A place for immutable bytes under keys such as `tiles/<origin>/tile/0/000`."""

    def put(self, key: str, data: bytes) -> bool:
        """Store durably; False where equal bytes were there already. Raises IntegrityLost for other bytes."""

    def put_file(self, key: str, source: Path) -> None:
        """Store the bytes of a file durably, in place of what stood there (files that can be made again)."""

    def open(self, key: str) -> BinaryIO:
        """The bytes as a stream; raises NotThere."""

    def get(self, key: str) -> bytes:
        """The bytes; raises NotThere."""

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below `prefix`, in no order."""

    def delete(self, key: str) -> None:
        """Remove the bytes; nothing happens where there are none."""

    def sweep(self, before: float) -> int:
        """Remove what killed writers left half-written before that time (seconds since 1970); returns how many."""


def store() -> Store:
    """The configured backend: COUNTERSIGN_STORE, `files` unless set; files lie below the state directory."""
    kind = getattr(settings, "COUNTERSIGN_STORE", "files")
    return _memory() if kind == "memory" else FileStore(Path(settings.COUNTERSIGN_STATE_DIR) / "store")


@cache
def _memory() -> MemoryStore:
    return MemoryStore()


def tile_key(origin: str, path: str) -> str:
    """Key of a tile or entry bundle; `path` as C2SP tlog-tiles spells it (`tile/0/x001/234.p/17`)."""
    return f"tiles/{origin}/{path}"


def bundle_key(public_id_hex: str) -> str:
    """Key of an exported bundle."""
    return f"bundles/{public_id_hex[-2:]}/{public_id_hex}.tar.gz"


def blob_key(batch_hex: str, place: int, role: str) -> str:
    """Key of a large object, unique per ingest, so that sweeping orphans can never race with a new event."""
    return f"blobs/{batch_hex[-2:]}/{batch_hex}/{place}-{role}"
