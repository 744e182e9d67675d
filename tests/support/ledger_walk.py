"""A stream read again and again while everything around it dies: what was seen once must stay.

Rows are read as bytes in one snapshot; everything else is `ledger.core`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.control import ControlHistory, history
from ledger.core.dsse import Envelope as Dsse
from ledger.core.dsse import verified_payload
from ledger.core.envelope import Envelope, parse
from ledger.core.head_guard import GuardState
from ledger.core.merkle import Frontier
from ledger.core.note import VKey, parse_note, verified
from ledger.core.receipt import PAYLOAD_TYPE, differences, parse_receipt
from ledger.core.strict_json import parse as parse_json
from ledger.core.types import Hash

_LEAVES = """
SELECT index, bytes, hash FROM ledger_leaf JOIN ledger_stream AS stream ON stream.id = stream_id
WHERE origin = %s AND index >= %s ORDER BY index
"""
_NOTES = """
SELECT size, root, note FROM ledger_checkpoint JOIN ledger_stream AS stream ON stream.id = stream_id
WHERE origin = %s ORDER BY size
"""
_ATTRIBUTES = """
SELECT data FROM ledger_object JOIN ledger_stream AS stream ON stream.id = stream_id
WHERE origin = %s AND role = 'attrs' ORDER BY index
"""


@dataclass
class Walk:
    """`leaves`, the tree's `edge` over them, and its root after each manifest. `notes` are by size."""

    origin: str
    vkey: str
    leaves: list[Envelope] = field(default_factory=list)
    edge: Frontier = field(default_factory=Frontier)
    roots: dict[int, Hash] = field(default_factory=dict)
    notes: dict[int, bytes] = field(default_factory=dict)

    def look(self, url: str) -> None:
        """Go on from where the last look ended; assert that nothing of what was seen has changed."""
        with psycopg.connect(url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            last = max(len(self.leaves) - 1, 0)
            rows = connection.execute(_LEAVES, [self.origin, last]).fetchall()
            notes = connection.execute(_NOTES, [self.origin]).fetchall()
        if self.leaves:
            assert (rows[0][0], bytes(rows[0][1])) == (last, self.leaves[-1].raw), "the newest leaf was replaced"
        for row in rows[bool(self.leaves) :]:
            self._enter(*row)
        assert self.notes.keys() <= {row[0] for row in notes}, "a checkpoint is gone"
        for row in notes:
            self._compare(*row)

    def _enter(self, index: int, raw: Any, stored: Any) -> None:
        leaf = parse(bytes(raw))
        assert index == leaf.index == len(self.leaves), "a gap"
        assert bytes(stored) == leaf.leaf_hash
        assert leaf.origin == self.origin
        if self.leaves:
            assert leaf.prev == self.leaves[-1].leaf_hash, "the chain is broken"
            assert leaf.recorded >= self.leaves[-1].recorded
        self.leaves.append(leaf)
        self.edge.append(leaf.leaf_hash)
        if leaf.kind == "window":
            self.roots[len(self.leaves)] = self.edge.root()

    def _compare(self, size: int, root: Any, raw: Any) -> None:
        """A checkpoint's root is that of the leaves: so each extends the one before it."""
        note = parse_note(bytes(raw))
        assert self.notes.setdefault(size, bytes(raw)) == bytes(raw), "a checkpoint was replaced"
        verified(note, [VKey.parse(self.vkey)])
        told = parse_checkpoint(note.text)
        assert (told.origin, told.size, told.root) == (self.origin, size, self.roots[size])
        assert bytes(root) == told.root

    @property
    def control(self) -> ControlHistory:
        """What its control leaves say."""
        return history([leaf for leaf in self.leaves if leaf.is_control])

    def holds_receipts(self, receipts: Sequence[Dsse]) -> None:
        """Each is signed by the key delegated at its index, and promises the very leaf that stands there."""
        control = self.control
        for receipt in receipts:
            told = parse_receipt(receipt.payload)
            assert told.index < len(self.leaves), f"a receipt was given for leaf {told.index}, which is gone"
            keys = control.delegated_at("receipt", told.index)
            assert verified_payload(receipt, keys, PAYLOAD_TYPE) == receipt.payload
            assert differences(told, self.leaves[told.index]) == []

    def holds(self, guard: GuardState) -> None:
        """What the guard said before the last look is on this history."""
        assert guard.receipted is not None
        size = guard.receipted.size
        assert size <= len(self.leaves), "the guard is ahead of the database"
        assert self.leaves[size - 1].leaf_hash == guard.receipted.leaf_hash
        if guard.head is not None:
            assert self.roots[guard.head.size] == guard.head.root

    def settled(self, guard: GuardState) -> bool:
        """Whether the guard holds the newest leaf and the newest checkpoint."""
        newest = (len(self.leaves), self.leaves[-1].leaf_hash)
        told = (guard.receipted.size, guard.receipted.leaf_hash) if guard.receipted else None
        return told == newest and (guard.head.size if guard.head else 0) == max(self.notes, default=0)


def events_of(url: str, origin: str) -> list[tuple[str, str]]:
    """Source and id of each event of a stream, in order."""
    with psycopg.connect(url) as connection:
        found: list[Any] = [parse_json(bytes(row[0])) for row in connection.execute(_ATTRIBUTES, [origin])]
    return [(str(one["source"]), str(one["id"])) for one in found]
