"""Hash tiles and entry bundles of the published log, as C2SP tlog-tiles serves them.

Guarantees that nothing beyond the newest signed checkpoint is given, that a partial tile is given only where
a checkpoint of its size was signed, and that one that is no longer stored is made again and compared with a
signed root before it is given. Nothing is written here.
"""

from __future__ import annotations

from ledger.core import merkle
from ledger.core.entry_bundles import EntryBundle, encode_entries
from ledger.core.merkle import Frontier
from ledger.core.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, decode_entries, hashes_of, node_reader, tile_holding
from ledger.core.types import HASH_BYTES, Hash
from ledger.errors import IntegrityLost, NotThere
from ledger.selectors import checkpoints
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.leaves import leaves
from ledger.selectors.streams import StreamView
from ledger.storage import store, tile_key

REBUILT_LEVEL = 1
"""Above this level a missing tile is made from stored tiles alone: a request re-hashes 65,536 leaves at most."""


def hash_tile(stream: StreamView, tile: Tile) -> bytes:
    """Bytes of a published hash tile; raises NotThere for any other, IntegrityLost where none can be made."""
    checkpoint = _checkpoint_with(stream, tile)
    held = _held(stream, tile)
    return _checked(stream, tile, checkpoint) if held is None else held


def entry_bundle(stream: StreamView, bundle: EntryBundle) -> bytes:
    """Bytes of a published entry bundle; raises as `hash_tile` does."""
    proving = Tile(0, bundle.index, bundle.width)
    _checkpoint_with(stream, proving)
    held = _stored(stream, bundle.path)
    if held is not None:
        return held
    entries = _entries(stream, bundle)
    if [merkle.leaf_hash(entry) for entry in entries] != hashes_of(proving, hash_tile(stream, proving)):
        raise _lost(bundle.path)
    return encode_entries(entries)


def _checkpoint_with(stream: StreamView, tile: Tile) -> CheckpointView | None:
    """The smallest checkpoint whose tree has a partial tile; None for a full one. Raises NotThere."""
    step = TILE_HEIGHT * tile.level
    first = (tile.start + tile.width) << step
    if first > stream.signed_size:
        raise _unpublished(tile)
    if tile.width == TILE_WIDTH:
        return None
    found = checkpoints.first_within(stream, first, min(first + (1 << step), stream.signed_size + 1))
    if found is None:
        raise _unpublished(tile)
    return found


def _held(stream: StreamView, tile: Tile) -> bytes | None:
    """The stored tile, if it has its length."""
    data = _stored(stream, tile.path)
    return data if data is not None and len(data) == tile.width * HASH_BYTES else None


def _stored(stream: StreamView, path: str) -> bytes | None:
    try:
        return store().get(tile_key(stream.origin, path))
    except NotThere:
        return None


def _checked(stream: StreamView, tile: Tile, checkpoint: CheckpointView | None) -> bytes:
    """A tile made again, and found to lead to a signed root."""
    data = _made(stream, tile)
    if checkpoint is None:
        proved = _full_is_proved(stream, tile, data)
    else:
        read = node_reader(lambda other: data if other == tile else _any(stream, other), checkpoint.size)
        proved = Frontier.from_reader(checkpoint.size, read).root() == checkpoint.root
    if not proved:
        raise _lost(tile.path)
    return data


def _full_is_proved(stream: StreamView, tile: Tile, data: bytes) -> bool:
    """Whether the root of a full tile stands in the tile above it, which leads to a signed root itself."""
    above = tile_holding(tile.level + 1, tile.index, stream.signed_size)
    hashes = hashes_of(above, hash_tile(stream, above))
    return hashes[tile.index - above.start] == merkle.root(hashes_of(tile, data))


def _any(stream: StreamView, tile: Tile) -> bytes:
    held = _held(stream, tile)
    return _made(stream, tile) if held is None else held


def _made(stream: StreamView, tile: Tile) -> bytes:
    """The tile from the full one that begins with it, or from what lies below."""
    full = _held(stream, Tile(tile.level, tile.index))
    if full is not None and tile.width < TILE_WIDTH:
        return full[: tile.width * HASH_BYTES]
    if tile.level == 0:
        return b"".join(view.hash for view in leaves(stream, tile.start, tile.start + tile.width))
    return b"".join(_root_of(stream, Tile(tile.level - 1, tile.start + place)) for place in range(tile.width))


def _root_of(stream: StreamView, below: Tile) -> Hash:
    data = _held(stream, below)
    if data is None and below.level >= REBUILT_LEVEL:
        raise _lost(below.path)
    return merkle.root(hashes_of(below, _made(stream, below) if data is None else data))


def _entries(stream: StreamView, bundle: EntryBundle) -> list[bytes]:
    full = _stored(stream, EntryBundle(bundle.index).path)
    if full is not None and bundle.width < TILE_WIDTH:
        return decode_entries(full)[: bundle.width]
    return [view.bytes for view in leaves(stream, bundle.start, bundle.start + bundle.width)]


def _unpublished(tile: Tile) -> NotThere:
    return NotThere("No checkpoint has this tile", why=tile.path, next_step="Ask for the tiles of a checkpoint's size.")


def _lost(path: str) -> IntegrityLost:
    return IntegrityLost("A published tile is missing and cannot be made again", why=path)
