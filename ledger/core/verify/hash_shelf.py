"""Hashes of a range, in the temporary file behind the archive: a million of them would take 32 MB of memory."""

from __future__ import annotations

from struct import iter_unpack
from typing import BinaryIO, Final

from ledger.core.types import HASH_BYTES, Hash

HELD: Final = 1 << 19
"""Bytes that wait in memory before they are written: sixteen thousand hashes, and few bundles have more."""


class HashShelf:
    """Hashes in the order in which they came, in `stream` from `at` on, where nothing else may be written."""

    def __init__(self, stream: BinaryIO, at: int) -> None:
        self._stream, self._at = stream, at
        self._written = 0
        self._waiting = bytearray()

    def append(self, joined: bytes) -> None:
        """Take hashes, one behind the other."""
        self._waiting += joined
        if len(self._waiting) >= HELD:
            self._stream.seek(self._at + self._written)
            self._stream.write(self._waiting)
            self._written += len(self._waiting)
            self._waiting = bytearray()

    def joined(self, start: int, end: int) -> bytes:
        """The hashes [start, end), one behind the other; counts begin at 0 and end within what is there."""
        first, last = start * HASH_BYTES, end * HASH_BYTES
        waiting = bytes(self._waiting[max(first - self._written, 0) : max(last - self._written, 0)])
        if first >= self._written:
            return waiting
        self._stream.seek(self._at + first)
        return self._stream.read(min(last, self._written) - first) + waiting

    def between(self, start: int, end: int) -> list[Hash]:
        """The hashes [start, end)."""
        return [Hash(value) for (value,) in iter_unpack(f"{HASH_BYTES}s", self.joined(start, end))]
