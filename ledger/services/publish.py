"""S2 of a seal: tiles and entry bundles, from re-hashed leaves, before anything is signed.

Guarantees that what will be signed can be served: every leaf since the last checkpoint is parsed strictly,
continues the chain, and stands in durable tiles whose recomputed root is the prepared one. A tile that exists
must be equal, byte by byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.core.merkle import Frontier
from ledger.core.tiles import TILE_WIDTH, Tile, build_tiles, bundles_between, encode_entries, node_reader
from ledger.core.types import Hash
from ledger.errors import IntegrityLost, LedgerError
from ledger.selectors.leaves import LeafView, leaves
from ledger.selectors.streams import StreamView
from ledger.services.prepare import PreparedCheckpoint
from ledger.storage import store, tile_key


def publish(stream: StreamView, prepared: PreparedCheckpoint) -> None:
    """Write tiles and entries from the stream's last signed size to the prepared one; raises IntegrityLost.

    May be repeated, and done by two at once.
    """
    old = stream.signed_size
    first = old - old % TILE_WIDTH
    found = _checked(stream, first, prepared.size)
    _put_tiles(stream, old, [view.hash for view in found[old - first :]])
    _put_entries(stream, old, first, found)
    if _root_of(stream, prepared.size) != prepared.root:
        raise IntegrityLost("The tiles give another root than the one to be signed", why=f"size {prepared.size}")


def _checked(stream: StreamView, start: int, end: int) -> list[LeafView]:
    """Leaves [start, end) in full tiles' terms, each continuing the one before it."""
    try:
        found = list(leaves(stream, max(start - 1, 0), end))
    except LedgerError as error:
        raise IntegrityLost("A stored leaf cannot be read", why=str(error)) from error
    previous: Hash | None = None
    for index, view in enumerate(found, max(start - 1, 0)):
        chained = view.parsed.prev == previous or (previous is None and index > 0)
        if view.parsed.index != index or view.parsed.origin != stream.origin or not chained:
            raise IntegrityLost("A stored leaf does not continue the chain", why=f"index {index}")
        previous = view.hash
    return found[1:] if start else found


def _put_tiles(stream: StreamView, old: int, added: list[Hash]) -> None:
    for tile, data in build_tiles(old, added, lambda tile: _read(stream, tile)):
        store().put(tile_key(stream.origin, tile.path), data)


def _put_entries(stream: StreamView, old: int, first: int, found: list[LeafView]) -> None:
    for bundle in bundles_between(old, first + len(found)):
        at = bundle.start - first
        data = encode_entries([view.bytes for view in found[at : at + bundle.width]])
        store().put(tile_key(stream.origin, bundle.path), data)


def _root_of(stream: StreamView, size: int) -> Hash:
    return Frontier.from_reader(size, node_reader(lambda tile: _read(stream, tile), size)).root()


def _read(stream: StreamView, tile: Tile) -> bytes:
    return store().get(tile_key(stream.origin, tile.path))


def published_paths(stream: StreamView) -> Iterator[str]:
    """Paths of all tiles and entry bundles of a stream, below its prefix."""
    prefix = f"tiles/{stream.origin}"
    return (key.removeprefix(f"{prefix}/") for key in store().keys(prefix))
