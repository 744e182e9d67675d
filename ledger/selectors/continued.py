"""Which log a stream continues, as its genesis leaf says, and the signed head at which it took over."""

from __future__ import annotations

from typing import cast

from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.note import parse_note
from ledger.core.types import Hash, TreeSize
from ledger.errors import LedgerError
from ledger.selectors import checkpoints
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import StreamView, stream_by_origin


def continued_by(stream: StreamView) -> Checkpoint | None:
    """Origin, size and root of the log that this stream continues; None where it began by itself."""
    value = leaf(stream, 0).parsed.fields["continues"]
    if not isinstance(value, dict):
        return None
    root = Hash(bytes.fromhex(str(value["root"])))
    return Checkpoint(str(value["origin"]), TreeSize(cast("int", value["size"])), root)


def predecessor_note(stream: StreamView) -> bytes | None:
    """The signed note of that head, where this installation holds it and it says the same; else None."""
    taken = continued_by(stream)
    if taken is None:
        return None
    try:
        note = checkpoints.at(stream_by_origin(taken.origin), taken.size).note
    except LedgerError:
        return None
    return note if parse_checkpoint(parse_note(note).text) == taken else None
