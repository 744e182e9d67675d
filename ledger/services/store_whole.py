"""The log as a whole, from the accounts of its segments: chain, windows, tree roots and checkpoints, upper tiles.

One pass over the leaf hashes, segment by segment; what is known of the log before the first of them (nothing, or in
`quick` the edge of the published tree) is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.core.merkle import Frontier
from ledger.core.types import HASH_BYTES, Hash
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen
from ledger.services.store_notes import Notes
from ledger.services.store_segment import Account
from ledger.services.store_tiles import Files


@dataclass(slots=True)
class Manifest:
    """The last window that was closed: none at first, whose window begins with genesis."""

    index: int = 0
    number: int = 0
    recorded: str = ""


@dataclass(slots=True)
class Ends:
    """Where the log ends, by its leaves; `open` counts leaves that wait for a window, since `since`."""

    hash: str | None = None
    recorded: str = ""
    open: int = 0
    since: str | None = None
    manifest: Manifest = field(default_factory=Manifest)
    control: list[tuple[int, str]] = field(default_factory=list)


class Whole:
    """Takes the segments in order. `adopted` begins at a manifest whose window lies before the first segment."""

    def __init__(self, frozen: Frozen, found: StoreFindings, tree: Frontier, *, adopted: bool = False) -> None:
        self._frozen, self._found, self._tree = frozen, found, tree
        self._window, self._adopted, self._broken = Frontier(), adopted, False
        self._notes = Notes(frozen, found)
        self._segment_roots: list[Hash] = []
        self.ends = Ends()
        self.prepared_root: Hash | None = None

    def take(self, account: Account, hashes: bytes) -> None:
        """Join a segment to those before it."""
        self._join(account)
        self.ends.control += [(index, digest) for index, digest in account.control]
        self._broken = self._broken or account.hole
        if account.root is not None:
            self._segment_roots.append(Hash(bytes.fromhex(account.root)))
        manifests = {one[0]: one for one in account.manifests}
        points = set(manifests) | {index + 1 for index in manifests}
        points |= self._notes.sizes(account.start, account.end) | {account.end}
        prepared = self._frozen.facts.prepared_size
        if prepared is not None and account.start < prepared < account.end:
            points.add(prepared)
        at = account.start
        for point in sorted(points):
            self._grow(hashes, at - account.start, point - account.start)
            at = point
            root = None if self._broken else self._tree.root()
            if at == self._frozen.facts.prepared_size:
                self.prepared_root = root
            if at in self._notes.pending and at > account.start:
                last = self.ends.manifest
                closed = last.recorded if last.index + 1 == at else ""
                self._notes.compare(at, root, last.number, closed)
            if at in manifests:
                self._closed(manifests[at])
        self._open(account)

    def end(self, files: Files | None) -> None:
        """The levels of tiles above the segments, and notes that have no place."""
        level, hashes = 2, [] if self._broken or files is None else self._segment_roots
        while hashes and files is not None:
            hashes = files.hashes(level, 0, hashes)
            level += 1
        self._notes.end()

    def _join(self, account: Account) -> None:
        path = f"leaf {account.start}"
        before = self.ends
        if before.hash is not None and account.first_recorded and account.first_prev != before.hash:
            self._found.problem("chain_broken", path, "prev is not the hash of the leaf before.")
        if account.first_recorded and account.first_recorded < before.recorded and account.first_kind != "segment":
            self._found.problem("time_reversed", path, f"{account.first_recorded} after {before.recorded}")
        before.hash, before.recorded = account.last_hash, account.last_recorded or before.recorded

    def _grow(self, hashes: bytes, first: int, last: int) -> None:
        part = [Hash(hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]) for at in range(first, last)]
        self._tree.extend(part)
        self._window.extend(part)

    def _closed(self, told: tuple[int, int, int, int, str, str, int, str]) -> None:
        """A manifest: the window that ends before it is what it says, and the next one begins with it."""
        index, number, start, end, root, recorded, control, control_hash = told
        path, last = f"leaf {index}", self.ends.manifest
        expected = (last.number + 1, last.index, index - 1, self._window.root().hex())
        if not self._adopted and not self._broken and (number, start, end, root) != expected:
            self._found.problem("window_mismatch", path, f"Window {number} is not what its leaves are.")
        newest = max((one for one in self.ends.control if one[0] < index), default=None)
        if not self._adopted and newest != (control, control_hash):
            self._found.problem(
                "control_chain_broken", path, "The manifest names another control leaf than the newest."
            )
        self._notes.expect(index + 1)
        self._found.count("windows")
        self.ends.manifest = Manifest(index, number, recorded)
        self._window, self._adopted = Frontier(), False

    def _open(self, account: Account) -> None:
        ends = self.ends
        if account.manifests:
            ends.open, ends.since = account.waiting, account.since
        else:
            ends.open, ends.since = ends.open + account.waiting, ends.since or account.since
