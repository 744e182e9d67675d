"""Signed heads: what a stored note says once its signature was verified, never what its row says.

Guarantees that a `root` without `problem` stands in a note which a log key valid at that size signed (C2SP
signed-note, tlog-checkpoint), for this origin and exactly this size. The column `root` is for searching.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.note import VKey, parse_note, verified
from ledger.core.types import Hash
from ledger.errors import LedgerError
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.keys import LogKeys, vkeys_under
from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class SignedHead:
    """`root` over `size` leaves and the keys that signed it; with a `problem`, none of it is to be relied on."""

    size: int
    root: Hash
    note: bytes
    keys: tuple[VKey, ...] = ()
    problem: str = ""

    @property
    def signers(self) -> list[str]:
        """`name+id` of each key that signed, as a verifier key begins."""
        return [f"{key.name}+{key.key_id.hex()}" for key in self.keys]


def signed_head(stream: StreamView, checkpoint: CheckpointView, held: LogKeys | None = None) -> SignedHead:
    """Verify the note of `checkpoint` under the log keys valid at its size; never raises for a wrong note.

    Where it does not verify, `root` is the stored one, to be shown as what it is. `held` spares a query.
    """
    size = checkpoint.size
    valid = held.valid(size) if held else vkeys_under(stream.id, stream.log, size)
    try:
        note = parse_note(checkpoint.note)
        signers = verified(note, [key for key in valid if key.name == stream.origin])
        told = parse_checkpoint(note.text)
    except LedgerError as wrong:
        return SignedHead(size, checkpoint.root, checkpoint.note, problem=str(wrong))
    if told.origin != stream.origin:
        return SignedHead(size, checkpoint.root, checkpoint.note, problem=f"The note is of {told.origin}")
    if told.size != size:
        problem = f"The note is over {told.size:,} leaves, not {size:,}"
        return SignedHead(size, checkpoint.root, checkpoint.note, problem=problem)
    return SignedHead(size, told.root, checkpoint.note, tuple(signers))
