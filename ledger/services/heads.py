"""The log of heads: one `head` leaf in `_platform/heads` for each checkpoint of every other stream.

Guarantees exactly one leaf for each stored checkpoint whose note verifies, whenever the process dies: what is
missing is found by comparing, never remembered, and leaf and row are written in one transaction under the
lock of `_platform/heads`. Its windows are sealed like those of any stream. Design: "log of heads".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db import connection

from ledger.core.envelope import Envelope, build
from ledger.core.head import Head
from ledger.core.note import parse_note, verified
from ledger.core.times import format_time
from ledger.core.types import Hash
from ledger.errors import LedgerError, LogSignatureWrong, StreamUnknown
from ledger.selectors.heads import HEADS
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import StreamView, written_to
from ledger.services import head as heads
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.raw import RawCursor, own_transaction
from ledger.services.recovery import ensure_compared

log = logging.getLogger(__name__)

BATCH = 256
# The newest size known is one probe of the primary key for each stream, however many checkpoints there are.
_MISSING = """
SELECT point.stream_id, point.size, stream.origin, point.note
FROM ledger_streamhead AS head
JOIN ledger_stream AS stream ON stream.id = head.stream_id
CROSS JOIN LATERAL (
    SELECT COALESCE(max(size), 0) AS size FROM ledger_loggedhead WHERE stream_id = head.stream_id
) AS logged
JOIN ledger_checkpoint AS point
    ON point.stream_id = head.stream_id AND point.size > logged.size AND point.size <= head.signed_size
WHERE head.stream_id <> %s AND head.signed_size > logged.size AND (point.stream_id, point.size) > (%s, %s)
ORDER BY point.stream_id, point.size
LIMIT %s
"""
_KNOWN = """
SELECT stream_id, size FROM ledger_loggedhead
JOIN unnest(%s::bigint[], %s::bigint[]) AS asked (stream_id, size) USING (stream_id, size)
"""
_REMEMBER = """
INSERT INTO ledger_loggedhead (stream_id, size, index, log_id)
SELECT *, %s::bigint FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
"""


_Row: TypeAlias = tuple[int, int, str, bytes]


@dataclass(frozen=True, slots=True)
class _Found:
    """A stored checkpoint without its leaf."""

    stream_id: int
    size: int
    head: Head


def log_heads() -> int:
    """Enter every checkpoint that the log of heads lacks; returns how many.

    May run in any number of processes at once. Raises StreamStopped, ClockAhead and what the head guard refuses
    with, as an append does.
    """
    try:
        target = written_to(*HEADS)
    except StreamUnknown:
        return 0
    heads_id, entered, after = target.id, 0, (0, 0)
    while rows := _missing(heads_id, after):
        ensure_compared(target)
        found = [one for one in (_read(*row) for row in rows) if one is not None]
        entered += _entered(target, found) if found else 0
        after = rows[-1][:2]
    return entered


def _missing(heads_id: int, after: tuple[int, int]) -> list[_Row]:
    """The next checkpoints without a leaf, behind the pair (stream, size)."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, (heads_id, *after, BATCH))
        return [(stream_id, size, origin, bytes(note)) for stream_id, size, origin, note in cursor.fetchall()]


def _read(stream_id: int, size: int, origin: str, note: bytes) -> _Found | None:
    """The head that a note states under its log's own key; a note that does not verify is none."""
    try:
        told = Head.of_note(note)
        verified(parse_note(note), log_vkeys(stream_id, size))
        if (told.origin, told.size) != (origin, size):
            raise LogSignatureWrong("A stored note is of another log or size", why=f"{told.origin}, {told.size}")
    except LedgerError:
        log.exception("the checkpoint of %s over %s leaves is not entered in the log of heads", origin, size)
        return None
    return _Found(stream_id, size, told)


def _entered(target: StreamView, found: Sequence[_Found]) -> int:
    heads_id, log = target.id, None if (target.namespace, target.name) == HEADS else target.id
    with own_transaction() as cursor:
        head = heads.lock_head(cursor, heads_id)
        new = _unknown(cursor, found)
        leaves = _leaves(head, new)
        if leaves:
            batch = fresh_id()
            for leaf in leaves:
                insert_leaf(cursor, heads_id, leaf, head.recorded, batch)
            columns = [[one.stream_id for one in new], [one.size for one in new], [int(leaf.index) for leaf in leaves]]
            cursor.execute(_REMEMBER, [log, *columns])
            heads.advance(cursor, head, leaves, waiting=len(leaves))
    return len(leaves)


def _unknown(cursor: RawCursor, found: Sequence[_Found]) -> list[_Found]:
    """What nobody entered before this lock was granted."""
    asked = ([one.stream_id for one in found], [one.size for one in found])
    known = set(cursor.execute(_KNOWN, asked).fetchall())
    return [one for one in found if (one.stream_id, one.size) not in known]


def _leaves(head: heads.Head, found: Sequence[_Found]) -> list[Envelope]:
    recorded, prev = format_time(head.recorded), head.last_hash
    leaves: list[Envelope] = []
    for index, one in enumerate(found, head.size):
        leaf = build("head", head.origin, index, Hash(prev), recorded, one.head.fields())
        leaves.append(leaf)
        prev = leaf.leaf_hash
    return leaves
