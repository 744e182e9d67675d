"""Hash tiles of C2SP tlog-tiles: paths, which tiles a growing tree needs, and nodes read back from them.

Guarantees that a full tile never changes once written, that empty tiles do not exist, and that a tile is
read only with exactly the hashes its width promises. Paths: `tile_paths`; leaves: `entry_bundles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from ledger.core import merkle
from ledger.core.entry_bundles import EntryBundle, bundles_between, decode_entries, encode_entries
from ledger.core.merkle.hashing import joined_reader_of
from ledger.core.tile_paths import LARGEST_LEVEL, TILE_HEIGHT, TILE_WIDTH, Tile, widths_between
from ledger.core.types import HASH_BYTES, Hash
from ledger.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.core.merkle import NodeReader

KEPT_TILES: Final = 64
"""Tiles that a reader remembers with the nodes above them, 16 KiB each."""

__all__ = [
    "KEPT_TILES",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "EntryBundle",
    "Tile",
    "build_tiles",
    "bundles_between",
    "decode_entries",
    "encode_entries",
    "hashes_of",
    "node_reader",
    "tile_holding",
    "tiles_between",
]


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """Yield the tiles to write when the tree grows from `old` to `new` leaves, lowest level first.

    Full tiles that became complete, and for each level that changed the partial one of the size `new`.
    """
    for level in range(LARGEST_LEVEL + 1):
        before, after = old >> TILE_HEIGHT * level, new >> TILE_HEIGHT * level
        if before == after:
            return
        for index, width in widths_between(before, after):
            yield Tile(level, index, width)


def hashes_of(tile: Tile, data: bytes) -> list[Hash]:
    """Return the hashes of a tile's bytes; raises Malformed unless there are exactly `width` of them."""
    _measured(tile, data)
    return cast("list[Hash]", [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])


def _measured(tile: Tile, data: bytes) -> bytes:
    if len(data) != tile.width * HASH_BYTES:
        raise Malformed(
            f"Tile {tile.path} has {len(data)} bytes",
            why=f"{tile.width} hashes take {tile.width * HASH_BYTES}",
            next_step="Fetch the tile again; if it stays so, ask the log's operator.",
        )
    return data


def tile_holding(level: int, place: int, size: int) -> Tile:
    """Return the tile, as wide as a tree of `size` leaves has it, with hash `place` of a tile level."""
    count = size >> TILE_HEIGHT * level
    index = place // TILE_WIDTH
    return Tile(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))


def node_reader(read_tile: Callable[[Tile], bytes], size: int) -> NodeReader:
    """Return a reader of the perfect subtrees of a tree of `size` leaves, stored as tiles.

    The last KEPT_TILES tiles are remembered, far more than a proof takes (at most two a level). The reader raises
    IndexError for a subtree not wholly inside the tree, Malformed for a tile of another length.
    """
    inner_nodes: dict[Tile, NodeReader] = {}

    def read(level: int, index: int) -> Hash:
        if level < 0 or index < 0 or (index + 1) << level > size:
            message = f"no perfect subtree {index} at level {level} in a tree of {size}"
            raise IndexError(message)
        tile_level, height = divmod(level, TILE_HEIGHT)
        tile = tile_holding(tile_level, index << height, size)
        if tile not in inner_nodes:
            if len(inner_nodes) == KEPT_TILES:
                del inner_nodes[next(iter(inner_nodes))]
            inner_nodes[tile] = joined_reader_of(_measured(tile, read_tile(tile)))
        return inner_nodes[tile](height, index - (tile.start >> height))

    return read


def build_tiles(
    old_size: int, new_leaves: Sequence[Hash], read_tile: Callable[[Tile], bytes]
) -> Iterator[tuple[Tile, bytes]]:
    """Yield (tile, bytes) to write when these leaf hashes follow a tree of `old_size`, lowest level first.

    `read_tile` is asked for the partial tile at the right edge of each level that changes, once.
    """
    added, level, before = new_leaves, 0, old_size
    while added:
        known = _edge(level, before, read_tile)
        hashes = [*known, *added]
        first = before - len(known)
        above = []
        for index, width in widths_between(before, before + len(added)):
            at = index * TILE_WIDTH - first
            held = hashes[at : at + width]
            yield Tile(level, index, width), b"".join(held)
            if width == TILE_WIDTH:
                above.append(merkle.root(held))
        added, level, before = above, level + 1, before // TILE_WIDTH


def _edge(level: int, count: int, read_tile: Callable[[Tile], bytes]) -> list[Hash]:
    if not count % TILE_WIDTH:
        return []
    tile = Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)
    return hashes_of(tile, read_tile(tile))
