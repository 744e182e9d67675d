"""Proofs read from tiles: inclusion, consistency and range (RFC 6962, RFC 9162; C2SP tlog-tiles).

Each call reads a tile at most once: an inclusion proof in ten million leaves takes at most six. Nothing
beyond the newest signed checkpoint is proved, since no tile of it is there.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core import merkle
from ledger.core.proof import TlogProof
from ledger.core.tiles import Tile, node_reader
from ledger.core.types import Hash, LeafIndex
from ledger.errors import NotThere
from ledger.selectors import checkpoints
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import StreamView
from ledger.storage import store, tile_key


@dataclass(frozen=True, slots=True)
class ProofView:
    """An inclusion proof of one leaf in the checkpoint of `size` leaves, whose verbatim `note` comes
    along, and the leaf's bytes.
    """

    index: int
    size: int
    leaf_hash: Hash
    hashes: tuple[Hash, ...]
    root: Hash
    note: bytes
    leaf: bytes

    def tlog_proof(self) -> TlogProof:
        """The same proof in the form of C2SP tlog-proof; `extra` is the leaf, so that it stands alone."""
        return TlogProof(index=LeafIndex(self.index), hashes=self.hashes, note=self.note, extra=self.leaf)


def node_reader_of(stream: StreamView, size: int | None = None) -> merkle.NodeReader:
    """Reader of the perfect subtrees of the published tree of `size` leaves, the newest if None.

    Serves every smaller tree too, and remembers the tiles it read.
    """
    held = store()

    def read(tile: Tile) -> bytes:
        return held.get(tile_key(stream.origin, tile.path))

    return node_reader(read, stream.signed_size if size is None else size)


def inclusion(stream: StreamView, index: int, size: int | None = None) -> ProofView:
    """Proof of the leaf at `index` in the checkpoint of `size` leaves, the newest if None; raises
    NotThere.
    """
    checkpoint = _checkpoint(stream, size)
    if not 0 <= index < checkpoint.size:
        raise NotThere(
            "No checkpoint covers this leaf yet",
            why=f"index {index}, checkpoint of {checkpoint.size}",
            next_step="Wait for the next window to close, or ask for it (seal).",
        )
    hashes = merkle.inclusion_proof(
        index, checkpoint.size, node_reader_of(stream, max(checkpoint.size, stream.signed_size))
    )
    proved = leaf(stream, index)
    return ProofView(index, checkpoint.size, proved.hash, tuple(hashes), checkpoint.root, checkpoint.note, proved.bytes)


def consistency(stream: StreamView, old: int, new: int) -> list[Hash]:
    """RFC 6962 consistency proof between two sizes, `new` published; raises NotThere."""
    _check_published(stream, old, new)
    return merkle.consistency_proof(old, new, node_reader_of(stream))


def range_hashes(stream: StreamView, start: int, end: int, size: int) -> list[Hash]:
    """Hashes outside leaves [start, end) that lead to the root of `size` leaves; raises NotThere."""
    if not 0 <= start < end:
        raise NotThere("A range needs at least one leaf", why=f"[{start}, {end})")
    _check_published(stream, end, size)
    return merkle.range_proof(start, end, size, node_reader_of(stream))


def _checkpoint(stream: StreamView, size: int | None) -> CheckpointView:
    if size is not None:
        return checkpoints.at(stream, size)
    newest = checkpoints.newest(stream)
    if newest is None:
        raise NotThere("The stream has no checkpoint yet", next_step="Wait for the first window to close.")
    return newest


def _check_published(stream: StreamView, lower: int, upper: int) -> None:
    if not 0 <= lower <= upper <= stream.signed_size:
        raise NotThere(
            "Sizes go up, and up to the newest checkpoint",
            why=f"{lower} to {upper}, published {stream.signed_size}",
        )
