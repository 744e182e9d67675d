"""The checks of `verify_store`: each watches the leaves go by and says what does not fit.

Everything is computed from the leaves' bytes. What was stored beside them (hashes, windows, notes, tiles,
receipts, objects) is compared with that and never the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from django.db.models import Subquery

from ledger.core import merkle
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.control import history
from ledger.core.entry_bundles import EntryBundle, encode_entries
from ledger.core.envelope import Envelope
from ledger.core.merkle import Frontier
from ledger.core.note import parse_note, verified
from ledger.core.tiles import TILE_WIDTH, Tile, build_tiles
from ledger.core.types import Hash
from ledger.core.window import window_of, window_root
from ledger.errors import LedgerError
from ledger.models import Checkpoint, Leaf, StreamHead, Window
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import StreamView
from ledger.services.store_findings import StoreFindings
from ledger.storage import store, tile_key


class Check(Protocol):
    """Sees every leaf in order, then the end."""

    def leaf(self, leaf: Envelope) -> None:
        """One leaf whose index and bytes are sound."""

    def end(self) -> None:
        """There are no more."""


class Chain:
    """`prev`, origin and time; the last leaf is the head's. `previous` is unknown (None) after a hole."""

    def __init__(self, stream: StreamView, found: StoreFindings) -> None:
        self._stream, self._found = stream, found
        self.previous: Hash | None = None
        self._recorded = ""

    def leaf(self, leaf: Envelope) -> None:
        """Compare with the leaf before."""
        path = f"leaf {leaf.index}"
        if leaf.origin != self._stream.origin:
            self._found.problem("origin_mismatch", path, f"The leaf is of {leaf.origin}.")
        if self.previous is not None and leaf.prev != self.previous:
            self._found.problem("chain_broken", path, "prev is not the hash of the leaf before.")
        if leaf.recorded < self._recorded and leaf.kind != "segment":
            self._found.problem("time_reversed", path, f"{leaf.recorded} after {self._recorded}")
        self.previous, self._recorded = leaf.leaf_hash, leaf.recorded

    def end(self) -> None:
        """Compare with the head row, and look behind it."""
        if self.previous != self._stream.head_hash:
            self._found.problem("chain_broken", "head", "The head row names another last leaf.")
        for code, message in _behind_the_head(self._stream):
            self._found.problem(code, "head", message)


class Checkpoints:
    """Each note verifies under the key valid at its size, and its root is that of the leaves."""

    def __init__(self, stream: StreamView, found: StoreFindings, edge: Frontier) -> None:
        self._stream, self._found, self._edge, self._compared = stream, found, edge, 0
        rows = Checkpoint.objects.filter(stream_id=stream.id, size__gt=edge.size, size__lte=stream.size)
        self._notes = {row.size: bytes(row.note) for row in rows}

    def leaf(self, leaf: Envelope) -> None:
        """Grow the tree, and compare where a checkpoint has its size."""
        self._edge.append(leaf.leaf_hash)
        note = self._notes.pop(self._edge.size, None)
        if note is not None:
            self._compare(note, self._edge.size)

    def end(self) -> None:
        """The published head has a note."""
        if self._compared != self._stream.signed_size:
            path = f"checkpoint {self._stream.signed_size}"
            self._found.problem("file_missing", path, "The note of the published head is not stored.")

    def _compare(self, raw: bytes, size: int) -> None:
        path = f"checkpoint {size}"
        self._compared = size
        try:
            note = parse_note(raw)
            verified(note, log_vkeys(self._stream.id, size))
            told = parse_checkpoint(note.text)
        except LedgerError as error:
            self._found.refused(error, path)
            return
        if (told.origin, told.size, told.root) != (self._stream.origin, size, self._edge.root()):
            self._found.problem("range_root_mismatch", path, "The signed root is not that of the leaves.")
        self._found.count("checkpoints")


class Windows:
    """Each manifest says of its window what the leaves say, and the table of windows repeats it."""

    def __init__(self, stream: StreamView, found: StoreFindings) -> None:
        self._found = found
        rows = Window.objects.filter(stream_id=stream.id, manifest_index__lt=stream.size)
        self._rows = {
            row.manifest_index: (row.number, row.first_index, row.last_index, bytes(row.root)) for row in rows
        }
        self._hashes: list[Hash] = []
        self._number = self._start = 0

    def leaf(self, leaf: Envelope) -> None:
        """Collect, and compare at a manifest."""
        if leaf.kind == "window":
            self._compare(leaf)
        self._hashes.append(leaf.leaf_hash)

    def end(self) -> None:
        """Rows of windows that have no manifest."""
        for index in self._rows:
            self._found.problem("window_mismatch", f"leaf {index}", "A listed window has no manifest here.")

    def _compare(self, leaf: Envelope) -> None:
        path = f"leaf {leaf.index}"
        self._number += 1
        try:
            told = window_of(leaf)
        except LedgerError as error:
            self._found.refused(error, path, "window_mismatch")
            return
        facts = (told.number, told.start, told.end, told.root)
        if facts != (self._number, self._start, leaf.index - 1, window_root(self._hashes)):
            self._found.problem("window_mismatch", path, f"Window {told.number} is not what its leaves are.")
        if self._rows.pop(leaf.index, None) != facts:
            self._found.problem("window_mismatch", path, f"The listed window {told.number} is another.")
        self._found.count("windows")
        self._hashes, self._start = [], int(leaf.index)


class Tiles:
    """The published tiles and entry bundles hold exactly the leaves, byte for byte."""

    def __init__(self, stream: StreamView, found: StoreFindings) -> None:
        self._stream, self._found = stream, found
        self._part: list[Envelope] = []
        self._above: list[Hash] = []

    def leaf(self, leaf: Envelope) -> None:
        """Collect 256, and compare; the last tile may be narrower."""
        if leaf.index >= self._stream.signed_size:
            return
        self._part.append(leaf)
        if len(self._part) == TILE_WIDTH or leaf.index + 1 == self._stream.signed_size:
            self._compare(self._part, int(leaf.index) // TILE_WIDTH)
            self._part = []

    def end(self) -> None:
        """The levels above the first are the tiles of the tree of full tiles' roots."""
        for tile, data in build_tiles(0, self._above, _nothing):
            self._same(Tile(tile.level + 1, tile.index, tile.width).path, data)

    def _compare(self, part: Sequence[Envelope], number: int) -> None:
        hashes = [leaf.leaf_hash for leaf in part]
        self._same(Tile(0, number, len(part)).path, b"".join(hashes))
        self._same(EntryBundle(number, len(part)).path, encode_entries([leaf.raw for leaf in part]))
        if len(part) == TILE_WIDTH:
            self._above.append(merkle.root(hashes))

    def _same(self, path: str, data: bytes) -> None:
        try:
            held = store().get(tile_key(self._stream.origin, path))
        except LedgerError:
            self._found.problem("file_missing", path, "A published tile is not stored.")
            return
        if held != data:
            self._found.problem("range_root_mismatch", path, "A published tile is not that of the leaves.")
        self._found.count("tiles")


class Control:
    """The control leaves form one chain from genesis."""

    def __init__(self, found: StoreFindings) -> None:
        self._found = found
        self.leaves: list[Envelope] = []

    def leaf(self, leaf: Envelope) -> None:
        """Collect them; each link is walked as it comes, so that later checks may use the history."""
        if leaf.is_control:
            self.leaves.append(leaf)

    def end(self) -> None:
        """Walk the chain."""
        try:
            history(self.leaves)
        except LedgerError as error:
            self._found.refused(error, "control chain", "control_chain_broken")


def _behind_the_head(stream: StreamView) -> Iterator[tuple[str, str]]:
    """What stands behind the head as it is now, in one statement each, since appends go on meanwhile."""
    head = StreamHead.objects.filter(pk=stream.id).values("size")
    if Leaf.objects.filter(stream_id=stream.id, index__gte=Subquery(head)).exists():
        yield "leaf_unexpected", "Leaves stand behind the end of the log."
    if Checkpoint.objects.filter(stream_id=stream.id, size__gt=Subquery(head)).exists():
        yield "leaf_missing", "A checkpoint is over more leaves than there are."


def _nothing(tile: Tile) -> bytes:
    raise LookupError(tile.path)
