"""Published files against leaves: hash tiles of every level and entry bundles, whole and partial ones.

What a published head needs must be there (a partial tile only at its own edge: C2SP tlog-tiles lets the others go
once the full one stands); whatever else lies there must hold the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from ledger.core import merkle
from ledger.core.entry_bundles import EntryBundle, encode_entries
from ledger.core.tiles import TILE_HEIGHT, TILE_WIDTH, Tile
from ledger.core.types import Hash
from ledger.errors import LedgerError, NotThere
from ledger.services.store_findings import StoreFindings
from ledger.storage import Store, store, tile_key

Named: TypeAlias = Callable[[int], str]
"""Path of the tile or bundle of one index by its width."""


class Files:
    """The files of one log; `signed` is the size of its published head."""

    def __init__(self, origin: str, signed: int, found: StoreFindings) -> None:
        self._origin, self._signed, self._found = origin, signed, found
        self._store: Store = store()

    def bundle(self, index: int, leaves: Sequence[bytes]) -> None:
        """Compare the bundles of one index with its leaves, 256 or those that there are."""
        self._compare(index, 0, lambda width: EntryBundle(index, width).path, len(leaves),
                      lambda width: encode_entries(leaves[:width]))  # fmt: skip

    def hashes(self, level: int, first: int, hashes: Sequence[Hash]) -> list[Hash]:
        """Compare the tiles of `level` from tile `first` on with its hashes; returns the roots of full tiles."""
        above = []
        for at in range(0, len(hashes), TILE_WIDTH):
            held = hashes[at : at + TILE_WIDTH]
            self._tile(level, first + at // TILE_WIDTH, held)
            if len(held) == TILE_WIDTH:
                above.append(merkle.root(held))
        return above

    def strays(self, size: int) -> None:
        """Tell files that no tree of `size` leaves has, or whose name says nothing."""
        prefix = f"tiles/{self._origin}/"
        for key in self._store.keys(prefix.rstrip("/")):
            path = key.removeprefix(prefix)
            try:
                end = _end_of(path)
            except LedgerError:
                end = size + 1
            if end > size:
                self.stray(path, size)

    def missing(self, path: str, data: bytes) -> None:
        """A file that must be there is not; it would hold `data`."""
        del data
        self._found.problem("file_missing", path, "A published file is not stored.")

    def wrong(self, path: str, held: bytes, data: bytes) -> None:
        """A file holds other bytes than the leaves give."""
        del held, data
        self._found.problem("range_root_mismatch", path, "A published file is not that of the leaves.")

    def stray(self, path: str, size: int) -> None:
        """A file that belongs to no tree of `size` leaves."""
        self._found.problem("tile_unexpected", path, f"No tree of {size:,} leaves has it.")

    def _tile(self, level: int, index: int, held: Sequence[Hash]) -> None:
        self._compare(index, level, lambda width: Tile(level, index, width).path, len(held),
                      lambda width: b"".join(held[:width]))  # fmt: skip

    def _compare(self, index: int, level: int, named: Named, most: int, content: Callable[[int], bytes]) -> None:
        needed = min((self._signed >> TILE_HEIGHT * level) - index * TILE_WIDTH, TILE_WIDTH)
        if needed > 0:
            self._needed(named(needed), content(min(needed, most)))
        for width in self._others(named, most):
            if width != needed:
                self._same(named(width), self._held(named(width)), content(width))

    def _needed(self, path: str, data: bytes) -> None:
        held = self._held(path)
        if held is None:
            self.missing(path, data)
        else:
            self._same(path, held, data)
            self._found.count("tiles")

    def _same(self, path: str, held: bytes | None, data: bytes) -> None:
        if held is not None and held != data:
            self.wrong(path, held, data)

    def _held(self, path: str) -> bytes | None:
        try:
            return self._store.get(tile_key(self._origin, path))
        except NotThere:
            return None

    def _others(self, named: Named, most: int) -> Iterator[int]:
        """Widths of the stored files of one tile, as far as the leaves reach."""
        full = named(TILE_WIDTH)
        if most == TILE_WIDTH:
            yield TILE_WIDTH
        for key in self._store.keys(tile_key(self._origin, f"{full}.p")):
            width = key.rpartition("/")[2]
            if (
                width.isascii()
                and width.isdigit()
                and 0 < int(width) <= most
                and named(int(width)).endswith(f"/{width}")
            ):
                yield int(width)


def _end_of(path: str) -> int:
    """Leaves that a tree must have for this file; raises Malformed for a name that is none."""
    if path.startswith("tile/entries/"):
        bundle = EntryBundle.parse(path)
        return bundle.start + bundle.width
    tile = Tile.parse(path)
    return (tile.start + tile.width) << TILE_HEIGHT * tile.level
