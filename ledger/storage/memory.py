"""Memory as a store: for tests and benchmarks of one process. Nothing survives it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from ledger.errors import IntegrityLost, NotThere


class MemoryStore:
    """A dictionary with the same refusals as the durable backends."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}
        self._lock = Lock()

    def put(self, key: str, data: bytes) -> bool:
        """Create `key`; False where equal bytes are there already. Raises IntegrityLost for others."""
        with self._lock:
            held = self._held.setdefault(key, data)
        if held != data:
            raise IntegrityLost("Other bytes stand under this key", why=key)
        return held is data

    def put_file(self, key: str, source: Path) -> None:
        """Store the bytes of the file `source`, in place of what stood there."""
        self._held[key] = source.read_bytes()

    def open(self, key: str) -> BinaryIO:
        """The bytes as a stream; raises NotThere."""
        return io.BytesIO(self.get(key))

    def get(self, key: str) -> bytes:
        """The bytes under `key`; raises NotThere."""
        try:
            return self._held[key]
        except KeyError as error:
            raise NotThere("There is nothing under this key", why=key) from error

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below `prefix`, in no order."""
        return iter([key for key in self._held if key.startswith(f"{prefix}/")])

    def delete(self, key: str) -> None:
        """Remove `key`; nothing happens where there is none."""
        self._held.pop(key, None)

    def sweep(self, before: float) -> int:
        """Nothing is half-written here."""
        del before
        return 0
