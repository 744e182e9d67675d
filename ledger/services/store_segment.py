"""One segment of the log, 65,536 leaves or fewer, verified by itself: all that needs nothing but its own leaves.

What joins segments (chain, trees, windows, head) is left to `store_whole`, which gets the hash of each leaf and a
short account of the segment. Leaves are read a thousand at a time; memory does not grow with the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ledger.core.envelope import Envelope, parse
from ledger.core.merkle import leaf_hash
from ledger.core.tiles import TILE_WIDTH
from ledger.core.times import parse_time
from ledger.core.types import HASH_BYTES, Hash
from ledger.core.window import Window, window_of
from ledger.errors import LedgerError
from ledger.models import Leaf
from ledger.models import Window as WindowRow
from ledger.services.store_erased import spans_of_erasure
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen
from ledger.services.store_rows import Beside, Row, Rows
from ledger.services.store_tiles import Files

SEGMENT = TILE_WIDTH * TILE_WIDTH
CHUNK = 1_000
NOT_WAITING = frozenset({"window", "anchor"})
Tell: TypeAlias = Callable[[int], None]
_COLUMNS = ("index", "bytes", "hash", "kind", "recorded", "kid", "lookup")


@dataclass(slots=True)
class Account:
    """What the whole needs to know of a segment. `waiting` counts leaves of an open window: since the segment's last
    manifest, or all where it has none; `since` is when the first of them was recorded.
    """

    start: int
    end: int
    first_prev: str | None = None
    first_recorded: str = ""
    first_kind: str = ""
    last_hash: str | None = None
    last_recorded: str = ""
    hole: bool = False
    root: str | None = None
    waiting: int = 0
    since: str | None = None
    control: list[tuple[int, str]] = field(default_factory=list)
    manifests: list[tuple[int, int, int, int, str, str, int, str]] = field(default_factory=list)
    erased: list[tuple[str, int, int]] = field(default_factory=list)
    gone: list[tuple[int, str]] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)


class ChecksBeside(Protocol):
    """Looks at what stands beside a chunk of leaves."""

    def check(self, first: int, last: int, rows: Sequence[Row]) -> Beside:
        """Leaves [first, last), of which `rows` could be read."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Who looks at what beside the leaves of a segment, None for nobody, and where it is told."""

    found: StoreFindings
    beside: ChecksBeside | None
    files: Files | None


def verifying(frozen: Frozen, *, files: bool = True) -> Parts:
    """Everything beside the leaves is compared with them."""
    found = StoreFindings()
    tiles = Files(frozen.stream.origin, frozen.signed, found) if files else None
    return Parts(found, Rows(frozen, found), tiles)


class Segment:
    """Verifies leaves [start, end); `hashes` are theirs, with zeros where a leaf is missing. What stands beside them is
    left to `beside`, files to `files`; without files it may begin anywhere.
    """

    def __init__(self, frozen: Frozen, start: int, end: int, parts: Parts) -> None:
        self._frozen, self._stream = frozen, frozen.stream
        self._found, self._rows, self._files = parts.found, parts.beside, parts.files
        self._windows = _window_rows(frozen.stream.id, start, end)
        self._previous: Hash | None = None
        self._entries: list[bytes] = []
        self.account = Account(start, end)
        self.hashes = bytearray()

    def run(self, tell: Tell) -> None:
        """Verify; `tell` hears of every chunk how many leaves it had."""
        for first in range(self.account.start, self.account.end, CHUNK):
            last = min(first + CHUNK, self.account.end)
            self._chunk(first, last)
            tell(last - first)
        for index in self._windows:
            self._found.problem("window_mismatch", f"leaf {index}", "A listed window has no manifest here.")
        if not self.account.hole and self._files is not None:
            self._tiles(self._files)
        self.account.findings = self._found.to_json()

    def _chunk(self, first: int, last: int) -> None:
        stored = Leaf.objects.filter(stream_id=self._stream.id, index__gte=first, index__lt=last)
        by_index = {row[0]: row[1:] for row in stored.values_list(*_COLUMNS)}
        rows: list[Row] = []
        for index in range(first, last):
            row = self._leaf(index, by_index.get(index))
            if row is not None:
                rows.append(row)
        self._found.count("leaves", len(rows))
        if self._rows is not None:
            self.account.gone += self._rows.check(first, last, rows).gone

    def _leaf(self, index: int, columns: tuple[Any, ...] | None) -> Row | None:
        path = f"leaf {index}"
        if columns is None:
            self._hole(path)
            return None
        raw, kept, kind, recorded, kid, lookup = columns
        raw = bytes(raw)
        digest = leaf_hash(raw)
        self._took(raw, digest)
        if bytes(kept) != digest:
            self._found.problem("range_root_mismatch", path, "The stored hash is not that of the stored bytes.")
        leaf = self._read(raw, index, path)
        if leaf is not None:
            self._chained(leaf, path)
            self._noted(leaf)
        self._previous = digest
        self.account.last_hash = digest.hex()
        return None if leaf is None else Row(leaf, kind, recorded, kid, None if lookup is None else bytes(lookup))

    def _hole(self, path: str) -> None:
        self._found.problem("leaf_missing", path, "No leaf is stored at this index.")
        self.account.hole = True
        self.hashes += bytes(HASH_BYTES)
        self._previous = self.account.last_hash = None

    def _took(self, raw: bytes, digest: Hash) -> None:
        """Keep hash and bytes; a bundle is compared when it is full."""
        self.hashes += digest
        if self.account.hole or self._files is None:
            return
        self._entries.append(raw)
        if len(self._entries) == TILE_WIDTH:
            self._bundle(self._files)

    def _bundle(self, files: Files) -> None:
        end = self.account.start + len(self.hashes) // HASH_BYTES
        files.bundle((end - 1) // TILE_WIDTH, self._entries)
        self._entries = []

    def _read(self, raw: bytes, index: int, path: str) -> Envelope | None:
        try:
            leaf = parse(raw)
        except LedgerError as error:
            self._found.refused(error, path)
            return None
        if leaf.index != index:
            self._found.problem("leaf_index_mismatch", path, f"The leaf says {leaf.index}.")
            return None
        return leaf

    def _chained(self, leaf: Envelope, path: str) -> None:
        account = self.account
        if leaf.origin != self._stream.origin:
            self._found.problem("origin_mismatch", path, f"The leaf is of {leaf.origin}.")
        if self._previous is not None and leaf.prev != self._previous:
            self._found.problem("chain_broken", path, "prev is not the hash of the leaf before.")
        if leaf.recorded < account.last_recorded and leaf.kind != "segment":
            self._found.problem("time_reversed", path, f"{leaf.recorded} after {account.last_recorded}")
        if leaf.index == account.start:
            account.first_prev = leaf.prev.hex() if leaf.prev is not None else None
            account.first_recorded, account.first_kind = leaf.recorded, leaf.kind
        account.last_recorded = leaf.recorded

    def _noted(self, leaf: Envelope) -> None:
        if leaf.is_control:
            self.account.control.append((int(leaf.index), leaf.leaf_hash.hex()))
        if leaf.kind == "window":
            self._manifest(leaf)
        if leaf.kind == "erasure":
            self.account.erased += spans_of_erasure(leaf)
        if leaf.kind not in NOT_WAITING:
            self.account.waiting += 1
            self.account.since = self.account.since or leaf.recorded

    def _manifest(self, leaf: Envelope) -> None:
        path = f"leaf {leaf.index}"
        self.account.waiting, self.account.since = 0, None
        row = self._windows.pop(int(leaf.index), None)
        try:
            told = window_of(leaf)
        except LedgerError as error:
            self._found.refused(error, path, "window_mismatch")
            return
        if row != _columns_of(told):
            self._found.problem("window_mismatch", path, f"The listed window {told.number} is another.")
        facts = (told.number, int(told.start), int(told.end), told.root.hex(), leaf.recorded)
        control = (int(told.control.index), told.control.leaf_hash.hex())
        self.account.manifests.append((int(leaf.index), *facts, *control))

    def _tiles(self, files: Files) -> None:
        """The tiles of the two lowest levels; a segment is exactly one tile of the second."""
        if self._entries:
            self._bundle(files)
        view = bytes(self.hashes)
        hashes = [Hash(view[at : at + HASH_BYTES]) for at in range(0, len(view), HASH_BYTES)]
        first = self.account.start // TILE_WIDTH
        above = files.hashes(0, first, hashes)
        for root in files.hashes(1, first // TILE_WIDTH, above):
            self.account.root = root.hex()


def _window_rows(stream_id: int, start: int, end: int) -> dict[int, tuple[Any, ...]]:
    rows = WindowRow.objects.filter(stream_id=stream_id, manifest_index__gte=start, manifest_index__lt=end)
    columns = ("manifest_index", "number", "first_index", "last_index", "root", "reason", "opened", "closed")
    return {
        index: (number, first, last, bytes(root), *rest)
        for index, number, first, last, root, *rest in rows.values_list(*columns)
    }


def _columns_of(told: Window) -> tuple[Any, ...]:
    times = (parse_time(told.opened), parse_time(told.closed))
    return (told.number, int(told.start), int(told.end), bytes(told.root), told.reason, *times)
