"""S1 of a seal: the manifest leaf and the prepared row, in one transaction under the stream's lock.

Guarantees one manifest for each window, however many sealers there are and wherever they are killed: whoever
finds a prepared row resumes it, and a new one is written only together with its manifest. The exact text to
be signed is in the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.envelope import Envelope, build
from ledger.core.merkle import Frontier, leaf_hash
from ledger.core.note import parse_note, verified
from ledger.core.times import format_time
from ledger.core.types import Hash, LeafIndex, TreeSize
from ledger.core.window import Window, window_root
from ledger.errors import IntegrityLost, LedgerError
from ledger.selectors.checkpoints import at
from ledger.selectors.keys import log_vkeys, signing_keys
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView
from ledger.services.head import Head, lock_head
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.raw import RawCursor, own_transaction

_DROP = "DELETE FROM ledger_prepared WHERE stream_id = %s AND size = %s"
PACE = timedelta(seconds=1)
"""A stream gets at most one checkpoint in this time."""
_PREPARED = "SELECT size, root, text, number FROM ledger_prepared WHERE stream_id = %s"
_NEWEST = "SELECT signed_at FROM ledger_checkpoint WHERE stream_id = %s ORDER BY size DESC LIMIT 1"
_LEAVES = "SELECT bytes FROM ledger_leaf WHERE stream_id = %s AND index >= %s AND index < %s ORDER BY index"
_WINDOW = """
INSERT INTO ledger_window
    (stream_id, number, first_index, last_index, root, opened, closed, reason, manifest_index)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_INSERT = "INSERT INTO ledger_prepared (stream_id, size, root, text, number) VALUES (%s, %s, %s, %s, %s)"
_ADVANCE = """
UPDATE ledger_streamhead
SET size = %s, last_hash = %s, last_recorded = %s, window_number = %s, window_from = %s, window_opened = %s,
    events_open = 0, waiting_since = NULL
WHERE stream_id = %s
"""


@dataclass(frozen=True, slots=True)
class PreparedCheckpoint:
    """What is to be signed: exactly `text`, over `size` leaves under `root`; it closes window `number`."""

    size: int
    root: Hash
    text: str
    number: int


@dataclass(frozen=True, slots=True)
class TooSoon:
    """The last checkpoint is younger than the pace allows; `wait_s` seconds are left."""

    wait_s: float


def prepare(stream: StreamView, reason: str) -> PreparedCheckpoint | TooSoon | None:
    """Resume the prepared row, or close the open window; None when it holds nothing but manifests.

    `stream` must have been read after any earlier seal of this caller. Raises StreamStopped, ClockAhead,
    IntegrityLost.
    """
    with own_transaction() as cursor:
        head = lock_head(cursor, stream.id)
        row = cursor.execute(_PREPARED, (stream.id,)).fetchone()
        if row is not None and not _is_lost(cursor, stream, row[0]):
            return PreparedCheckpoint(row[0], Hash(bytes(row[1])), row[2], row[3])
        if head.events_open == 0:
            return None
        left = _left(cursor, head)
        return TooSoon(left) if left > 0 else _close(cursor, stream, head, reason)


def _is_lost(cursor: RawCursor, stream: StreamView, size: int) -> bool:
    """Whether nobody can ever sign this text, since a key valid at its size is gone; the row goes then.

    The leaf that retired the key lies behind it, so a later text covers what this one would have covered.
    """
    if all(key.sealed is not None for key in signing_keys(stream.id, size)):
        return False
    cursor.execute(_DROP, (stream.id, size))
    return True


def _left(cursor: RawCursor, head: Head) -> float:
    """Seconds that are left of the pace, never more than the pace.

    A newest checkpoint from the future was signed while the clock was ahead: it says nothing, and is waited for by
    nobody.
    """
    (newest,) = cursor.execute(_NEWEST, (head.stream_id,)).fetchone() or (None,)
    left = timedelta() if newest is None else newest + PACE - head.clock
    return left.total_seconds() if left <= PACE else 0.0


def _close(cursor: RawCursor, stream: StreamView, head: Head, reason: str) -> PreparedCheckpoint:
    hashes = _hashes(cursor, head)
    window = Window(
        number=head.window_number + 1,
        start=LeafIndex(head.window_from),
        end=LeafIndex(head.size - 1),
        root=window_root(hashes),
        opened=format_time(head.window_opened),
        closed=format_time(head.recorded),
        reason=reason,
        control=head.control,
    )
    manifest = build("window", head.origin, head.size, head.last_hash, window.closed, window.fields())
    root = _tree_root(stream, head, [*_unsigned(cursor, head), *hashes, manifest.leaf_hash])
    text = Checkpoint(head.origin, TreeSize(head.size + 1), root).text()
    prepared = PreparedCheckpoint(head.size + 1, root, text, window.number)
    _write(cursor, head, window, manifest, prepared)
    return prepared


def _hashes(cursor: RawCursor, head: Head) -> list[Hash]:
    """Leaf hashes of the open window, from the stored bytes."""
    rows = cursor.execute(_LEAVES, (head.stream_id, head.window_from, head.size), binary=True).fetchall()
    hashes = [leaf_hash(bytes(row[0])) for row in rows]
    if len(hashes) != head.size - head.window_from or hashes[-1] != head.last_hash:
        raise IntegrityLost("The leaves of the open window are not those of the head", why=f"size {head.size}")
    return hashes


def _unsigned(cursor: RawCursor, head: Head) -> list[Hash]:
    """Leaf hashes between the last signed size and the open window: of a window whose text nobody could sign."""
    rows = cursor.execute(_LEAVES, (head.stream_id, head.signed_size, head.window_from), binary=True).fetchall()
    return [leaf_hash(bytes(row[0])) for row in rows]


def _tree_root(stream: StreamView, head: Head, hashes: list[Hash]) -> Hash:
    """Root of the whole log: the published tree's edge from its tiles, and every hash after it.

    The edge must give the root that was signed last, or a tile has been altered and building on it would
    sign a fork.
    """
    edge = Frontier.from_reader(head.signed_size, node_reader_of(stream, head.signed_size))
    if head.signed_size and edge.root() != _signed_root(stream, head):
        raise IntegrityLost("The tiles are not those of the last checkpoint", why=f"size {head.signed_size}")
    edge.extend(hashes[max(head.signed_size - head.window_from, 0) :])
    return edge.root()


def _signed_root(stream: StreamView, head: Head) -> Hash:
    """Root of the last checkpoint, from its note and under the log's key, not from its row."""
    try:
        note = parse_note(at(stream, head.signed_size).note)
        verified(note, log_vkeys(stream.id, head.signed_size))
        told = parse_checkpoint(note.text)
    except LedgerError as error:
        raise IntegrityLost("The last checkpoint does not verify", why=str(error)) from error
    if (told.origin, told.size) != (head.origin, head.signed_size):
        raise IntegrityLost("The last checkpoint is of another log or size", why=f"size {head.signed_size}")
    return told.root


def _write(cursor: RawCursor, head: Head, window: Window, manifest: Envelope, prepared: PreparedCheckpoint) -> None:
    insert_leaf(cursor, head.stream_id, manifest, head.recorded, fresh_id())
    opened: datetime = head.window_opened
    cursor.execute(
        _WINDOW,
        (head.stream_id, window.number, window.start, window.end, window.root, opened, head.recorded,
         window.reason, manifest.index),
    )  # fmt: skip
    cursor.execute(_INSERT, (head.stream_id, prepared.size, prepared.root, prepared.text, prepared.number))
    values = (prepared.size, manifest.leaf_hash, head.recorded, window.number, manifest.index, head.recorded)
    cursor.execute(_ADVANCE, (*values, head.stream_id))
