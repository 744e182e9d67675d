"""The stored notes: each verifies under a key that the log's own leaves name for its size, over the leaves' root."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.envelope import Envelope
from ledger.core.keys import decode_base64, kid_of
from ledger.core.note import parse_note, verified
from ledger.core.times import parse_time
from ledger.core.types import Hash
from ledger.core.vkey import VKey
from ledger.errors import LedgerError
from ledger.models import Checkpoint
from ledger.selectors.keys import log_vkeys
from ledger.services.clock import TOLERANCE
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen

_vkey = lru_cache(maxsize=64)(VKey.parse)


class Notes:
    """Compares notes in ascending order; `pending` holds those of the segment at hand, by size."""

    def __init__(self, frozen: Frozen, found: StoreFindings) -> None:
        self._frozen, self._found = frozen, found
        self.pending: dict[int, tuple[Any, ...]] = {}
        self._newest, self._missing = 0, 0
        self._signed_at: tuple[str, datetime] | None = None

    def sizes(self, start: int, end: int) -> set[int]:
        """Read the notes of sizes above `start` up to `end`."""
        rows = Checkpoint.objects.filter(stream_id=self._frozen.stream.id, size__gt=start, size__lte=end)
        found = rows.values_list("size", "root", "note", "window_number", "signed_at")
        self.pending = {size: (bytes(root), bytes(note), *rest) for size, root, note, *rest in found}
        return set(self.pending)

    def expect(self, size: int) -> None:
        """A window was closed so that a note of this size must follow, unless nobody was left who could sign it."""
        if size <= self._frozen.signed and size not in self.pending and not self._given_up(size):
            self._found.problem("file_missing", f"checkpoint {size}", "The note of a published window is not stored.")
            self._missing = size

    def compare(self, size: int, root: Hash | None, window: int, closed: str) -> None:
        """Hold the note of `size` against the leaves' root (None: unknown, behind a hole) and the window it closes;
        `closed` is when its manifest was recorded ('': none was seen).
        """
        path, (column, raw, number, signed_at) = f"checkpoint {size}", self.pending[size]
        self._newest = size
        self._timed(path, signed_at, closed)
        try:
            note = parse_note(raw)
            verified(note, self._keys(size))
            told = parse_checkpoint(note.text)
        except LedgerError as error:
            self._found.refused(error, path)
            return
        if (told.origin, told.size) != (self._frozen.stream.origin, size) or (root is not None and told.root != root):
            self._found.problem("range_root_mismatch", path, "The signed root is not that of the leaves.")
        elif column != told.root:
            self._found.problem("range_root_mismatch", path, "Another root is stored beside the note.")
        elif number != window:
            self._found.problem("window_mismatch", path, f"Window {number} is stored beside the note of {window}.")
        self._found.count("checkpoints")

    def _timed(self, path: str, signed_at: datetime, closed: str) -> None:
        """A note is signed when its window was closed, and before any later one: clocks may differ as they may."""
        before, self._signed_at = self._signed_at, (path, signed_at)
        if closed and signed_at < parse_time(closed) - TOLERANCE:
            self._found.problem("signed_at_mismatch", path, f"Its window was closed at {closed}, after that.")
        if before is not None and before[1] > signed_at + TOLERANCE:
            told = f"A later checkpoint was signed at {signed_at.isoformat()}, before that."
            self._found.problem("signed_at_mismatch", before[0], told)

    def _given_up(self, size: int) -> bool:
        """Whether the recovery key brought another log key before any later note: the text of `size` was dropped."""
        known = self._frozen.history
        public = known.genesis.fields["recovery_key"] if known is not None else None
        if known is None or not isinstance(public, str):
            return False
        kid = kid_of("recovery", self._frozen.stream.origin, decode_base64(public))
        by_recovery = (leaf.index for leaf in known.leaves if leaf.index >= size and kid in _signers(leaf))
        until = next(by_recovery, None)
        later = Checkpoint.objects.filter(stream_id=self._frozen.stream.id, size__gt=size)
        return until is not None and not later.filter(size__lte=until).exists()

    def end(self) -> None:
        """The published head has a note, and no other stands behind it."""
        signed, facts = self._frozen.facts.signed_size, self._frozen.facts
        if self._signed_at is not None and self._signed_at[1] > datetime.now(UTC) + TOLERANCE:
            self._found.problem("signed_at_mismatch", self._signed_at[0], "That is yet to come.")
        if self._newest < signed != self._missing:
            self._found.problem("file_missing", f"checkpoint {signed}", "The note of the published head is not stored.")
        if self._newest > signed and self._newest != facts.prepared_size:
            self._found.problem("head_row_mismatch", "head signed_size", f"A note of {self._newest} leaves is stored.")

    def _keys(self, size: int) -> list[VKey]:
        known = self._frozen.history
        if known is None:
            return log_vkeys(self._frozen.stream.id, size)
        return [_vkey(text) for text in known.log_keys_at(size)]


def _signers(leaf: Envelope) -> set[str]:
    """Ids of the keys that signed a key leaf; other leaves are signed by none."""
    rows = leaf.fields["signatures"] if leaf.kind == "key" else []
    return {str(row["keyid"]) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()
