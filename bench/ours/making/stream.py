"""One stream, window by window: events, manifest, checkpoint; at the end its tiles, rows and head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

import psycopg

from bench.ours.making.binary import NULL, Table, data, moment, whole
from bench.ours.making.leaves import BATCH, INDEX, LEAF, OBJECT, RECEIPT, Maker, Place, Tables
from ledger.core.checkpoint import Checkpoint
from ledger.core.control import Link
from ledger.core.envelope import build
from ledger.core.head_guard import GuardHead
from ledger.core.merkle import Frontier
from ledger.core.note import Note, make_vkey, sign_note
from ledger.core.tiles import TILE_WIDTH, EntryBundle, Tile, build_tiles, encode_entries
from ledger.core.times import format_time
from ledger.core.types import Hash, LeafIndex, TreeSize
from ledger.core.window import Window, window_root
from ledger.models import KeyUse
from ledger.selectors.keys import key_in_force
from ledger.selectors.leaves import leaf as leaf_at
from ledger.selectors.streams import StreamView
from ledger.services.streams import create_stream
from ledger.storage import store, tile_key
from ledger.storage.files import FileStore
from ledger.storage.signer import signer

WINDOW = 1_000
TILE_CHUNK = 65_536
_WINDOWS = "stream_id, number, first_index, last_index, root, opened, closed, reason, manifest_index"
_CHECKPOINTS = "stream_id, size, root, note, window_number, signed_at"
_HEAD = """
UPDATE ledger_streamhead
SET size = %(size)s, last_hash = %(hash)s, last_recorded = %(at)s, window_number = %(number)s,
    window_from = %(manifest)s, window_opened = %(at)s, events_open = 0, waiting_since = NULL, signed_size = %(size)s
WHERE stream_id = %(stream)s
"""


class Building:
    """A stream that grows by windows until it has at least `size` leaves."""

    def __init__(self, name: str, size: int) -> None:
        self.stream: StreamView = create_stream("bench", name, actor="key:bench")
        self._windows = -(-(size - 1) // (WINDOW + 1))
        genesis = leaf_at(self.stream, 0)
        self._control = Link.to(genesis.parsed)
        self._hashes, self._prev, self._from, self._size = [genesis.hash], genesis.hash, 0, 1
        self._recorded, self._edge = self.stream.created, Frontier()
        self._edge.append(genesis.hash)
        self._pending: list[Hash] = [genesis.hash]
        self._entries: list[bytes] = [genesis.bytes]
        self._tiled = self._bundled = 0
        self._key = key_in_force(self.stream.id, KeyUse.CHECKPOINT)
        self._log = make_vkey(self.stream.origin, self._key.public)

    def grow(self, owner_url: str) -> Iterator[float]:
        """Make all of it; yields the part that is done, window by window."""
        with ExitStack() as stack:

            def table(name: str, columns: str) -> Table:
                return stack.enter_context(Table(owner_url, name, columns))

            leaf, windows = table("ledger_leaf", LEAF), table("ledger_window", _WINDOWS)
            checkpoints = table("ledger_checkpoint", _CHECKPOINTS)
            others = (("ledger_object", OBJECT), ("ledger_eventindex", INDEX), ("ledger_receipt", RECEIPT))
            maker = Maker(self.stream, Tables(leaf, *(table(*one) for one in others)))
            for number in range(1, self._windows + 1):
                self._recorded += timedelta(milliseconds=1)
                self._events(maker)
                self._close(number, leaf, windows, checkpoints)
                yield number / self._windows
        self._tiles(last=True)
        self._settle(owner_url)

    def _events(self, maker: Maker) -> None:
        self._take(maker.events(Place(self._size, self._prev, self._recorded), WINDOW))

    def _take(self, made: list[tuple[bytes, Hash]]) -> None:
        hashes = [one for _, one in made]
        self._hashes += hashes
        self._entries += [raw for raw, _ in made]
        self._pending += hashes
        self._edge.extend(hashes)
        self._prev, self._size = hashes[-1], self._size + len(hashes)
        if len(self._pending) >= TILE_CHUNK:
            self._tiles(last=False)

    def _close(self, number: int, leaf: Table, windows: Table, checkpoints: Table) -> None:
        when, root = moment(self._recorded), window_root(self._hashes)
        opened = self.stream.created if number == 1 else self._recorded - timedelta(milliseconds=1)
        closed = format_time(self._recorded)
        window = Window(
            number, LeafIndex(self._from), LeafIndex(self._size - 1), root, format_time(opened), closed, "count",
            self._control,
        )  # fmt: skip
        made = build("window", self.stream.origin, self._size, self._prev, closed, window.fields())
        before = whole(self.stream.id)
        leaf.rows([
            before + whole(made.index) + data(b"window") + data(made.raw) + data(made.leaf_hash) + when + NULL
            + BATCH + NULL
        ])  # fmt: skip
        windows.rows([
            before + whole(number) + whole(window.start) + whole(window.end) + data(root) + moment(opened) + when
            + data(b"count") + whole(made.index)
        ])  # fmt: skip
        self._hashes, self._from = [], made.index
        self._take([(made.raw, made.leaf_hash)])
        text = Checkpoint(self.stream.origin, TreeSize(self._size), self._edge.root()).text()
        note = Note(text, (sign_note(text, self._log, lambda message: signer().sign(self._key, message)),))
        checkpoints.rows([
            before + whole(self._size) + data(self._edge.root()) + data(note.to_bytes()) + whole(number) + when
        ])  # fmt: skip
        self._number = number

    def _tiles(self, *, last: bool) -> None:
        """Whole chunks as they fill up, the rest at the end; not synced to the disk, since it can be made again."""
        held = store()
        assert isinstance(held, FileStore)

        def read(tile: Tile) -> bytes:
            return held.get(tile_key(self.stream.origin, tile.path))

        count = len(self._pending) if last else TILE_CHUNK
        for tile, content in build_tiles(self._tiled, self._pending[:count], read):
            self._file(held, tile.path, content)
        self._bundles(held, last=last)
        self._tiled, self._pending = self._tiled + count, self._pending[count:]

    def _bundles(self, held: FileStore, *, last: bool) -> None:
        while len(self._entries) >= TILE_WIDTH or (last and self._entries):
            part, self._entries = self._entries[:TILE_WIDTH], self._entries[TILE_WIDTH:]
            self._file(held, EntryBundle(self._bundled, len(part)).path, encode_entries(part))
            self._bundled += 1

    def _file(self, held: FileStore, path: str, content: bytes) -> None:
        place = held.path(tile_key(self.stream.origin, path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def _settle(self, owner_url: str) -> None:
        """The head, and a tidy database."""
        values = {
            "size": self._size, "hash": self._prev, "at": self._recorded, "number": self._number,
            "manifest": self._from, "stream": self.stream.id,
        }  # fmt: skip
        self._guard()
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(_HEAD, values)
            for table in ("ledger_leaf", "ledger_receipt", "ledger_object", "ledger_eventindex", "ledger_checkpoint"):
                connection.execute(f"VACUUM ANALYZE {table}")

    def _guard(self) -> None:
        """Tell the head guard of the newest leaf and checkpoint, where the product asks one."""
        if find_spec("ledger.storage.guards.configured") is None:
            return
        guard = import_module("ledger.storage.guards.configured").head_guard()
        head = GuardHead(self._size, self._edge.root())
        guard.swap_head(self.stream.origin, guard.read(self.stream.origin).head, head, self._prev, lambda _: True)
