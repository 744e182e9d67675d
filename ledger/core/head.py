"""Head: the content of a `head` leaf, by which the log of heads remembers another log's checkpoint.

Guarantees that a head says what a signed note says: origin, size and root as its text has them, and the
SHA-256 of the note byte for byte (with the log's own signature lines, before any cosignature).
Follows the design's "log of heads".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.envelope import Envelope
from ledger.core.note import parse_note
from ledger.core.types import Hash, JSONObject, TreeSize
from ledger.errors import LeafSchema


@dataclass(frozen=True, slots=True)
class Head:
    """The checkpoint of `size` leaves of the log `origin`; `note` is the SHA-256 of the signed note."""

    origin: str
    size: TreeSize
    root: Hash
    note: Hash

    @classmethod
    def of_note(cls, note: bytes) -> Head:
        """The head that a signed note states; raises NoteMalformed. Signatures are the caller's business."""
        told = parse_checkpoint(parse_note(note).text)
        return cls(told.origin, TreeSize(told.size), told.root, Hash(hashlib.sha256(note).digest()))

    def fields(self) -> JSONObject:
        """The leaf's own fields, for `envelope.build`."""
        return {"log": self.origin, "size": int(self.size), "root": self.root.hex(), "note": self.note.hex()}


def head_of(leaf: Envelope) -> Head:
    """Read a `head` leaf; raises LeafSchema where it is of another kind."""
    if leaf.kind != "head":
        raise LeafSchema("Not a head leaf", why=leaf.kind, path="kind")
    told = leaf.fields
    root, note = (Hash(bytes.fromhex(str(told[name]))) for name in ("root", "note"))
    return Head(str(told["log"]), TreeSize(int(str(told["size"]))), root, note)
