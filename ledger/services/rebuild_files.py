"""Published files made again from the leaves; one that differs, or belongs to no size, is kept below `aside/`."""

from __future__ import annotations

from hashlib import sha256

from ledger.services.rebuild_differences import Differences
from ledger.services.store_findings import StoreFindings
from ledger.services.store_tiles import Files
from ledger.storage import store, tile_key


class MendedFiles(Files):
    """Compares as a verification does, and mends what it finds."""

    def __init__(self, origin: str, signed: int, found: Differences, *, dry_run: bool) -> None:
        super().__init__(origin, signed, StoreFindings())
        self._differences, self._dry_run, self._log = found, dry_run, origin

    def missing(self, path: str, data: bytes) -> None:
        """Write it."""
        self._differences.differs("files", path, "written")
        if not self._dry_run:
            store().put(tile_key(self._log, path), data)

    def wrong(self, path: str, held: bytes, data: bytes) -> None:
        """Keep it aside, and write it anew."""
        self._differences.differs("files", path, "kept aside and written anew")
        if not self._dry_run:
            self._aside(path, held)
            store().put(tile_key(self._log, path), data)

    def stray(self, path: str, size: int) -> None:
        """Keep it aside."""
        del size
        self._differences.differs("files", path, "kept aside")
        if not self._dry_run:
            self._aside(path, store().get(tile_key(self._log, path)))

    def _aside(self, path: str, held: bytes) -> None:
        key = tile_key(self._log, path)
        store().put(f"aside/{key}/{sha256(held).hexdigest()[:16]}", held)
        store().delete(key)
