"""Where leaves are had from that the database lacks: entry bundles of the store, and a folder beside it.

Nothing that is read here is believed: whoever asks holds it against the chain and the head guard.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ledger.core.entry_bundles import EntryBundle, decode_entries
from ledger.core.tiles import TILE_WIDTH
from ledger.errors import LedgerError, NotThere
from ledger.storage import store, tile_key


class Entries:
    """Entry bundles of one log. `folder` holds files as a mirror has them (`tile/entries/000.p/5`), and single leaves
    as `leaf/<index>`; it is asked first.
    """

    def __init__(self, origin: str, folder: Path | None = None) -> None:
        self._origin, self._folder = origin, folder

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of leaves [start, end), as far as they go without a hole."""
        at = start
        while at < end:
            held = self._bundle(at // TILE_WIDTH)[at % TILE_WIDTH :] or self._single(at)
            if not held:
                return
            yield from held[: end - at]
            at += len(held)

    def _bundle(self, index: int) -> list[bytes]:
        """The entries of the widest bundle there is that can be read."""
        for width in range(TILE_WIDTH, 0, -1):
            data = self._get(EntryBundle(index, width).path)
            if data is None:
                continue
            try:
                return decode_entries(data, width)
            except LedgerError:
                continue  # altered or cut off: a narrower one may be whole
        return []

    def _single(self, index: int) -> list[bytes]:
        place = None if self._folder is None else self._folder / "leaf" / str(index)
        return [place.read_bytes()] if place is not None and place.is_file() else []

    def _get(self, path: str) -> bytes | None:
        if self._folder is not None and (self._folder / path).is_file():
            return (self._folder / path).read_bytes()
        try:
            return store().get(tile_key(self._origin, path))
        except NotThere:
            return None
