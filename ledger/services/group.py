"""The core of every append: one lock, one look, one insert for a group of events of one stream.

Guarantees gapless indices, a chained `prev`, a `recorded` that never decreases, and that nothing is written
unless all of the group is. The caller owns the transaction: `append_events` its own, `append_within` a
decision's, a committer its group's.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.core.envelope import Envelope, build
from ledger.core.times import format_time
from ledger.core.types import Hash
from ledger.services.dedupe import Known, check_repeated, folded, known_events
from ledger.services.drafts import Draft
from ledger.services.head import Head, advance, lock_head
from ledger.services.insert import insert_events
from ledger.services.raw import RawCursor


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an event stands. `leaf`, `draft` and `kid` are None for one that the stream held before this
    group.
    """

    index: int
    leaf: Envelope | None
    draft: Draft | None
    kid: str | None
    replayed: bool


def append_group(
    cursor: RawCursor, stream_id: int, drafts: Sequence[Draft], *, batch: uuid.UUID, look_up: bool
) -> list[Slot]:
    """Place drafts under the stream's lock, in order; returns a slot for each.

    Without `look_up` a repeated event ends in psycopg's UniqueViolation: roll back and repeat with it. Raises
    StreamStopped, ClockAhead, EventConflict, PayloadErased.
    """
    first = folded(drafts)
    head = lock_head(cursor, stream_id)
    known = known_events(cursor, stream_id, list(first)) if look_up else {}
    new = [drafts[place] for lookup, place in first.items() if lookup not in known]
    leaves = _built(head, new)
    if leaves:
        insert_events(cursor, stream_id, leaves, new, head.recorded, head.receipt_kid, batch)
        advance(cursor, head, leaves, waiting=len(leaves))
    placed = {draft.lookup: (draft, leaf) for draft, leaf in zip(new, leaves, strict=True)}
    kid = head.receipt_kid
    return [_slot(draft, place, first, known, placed, kid) for place, draft in enumerate(drafts)]


def _built(head: Head, drafts: Sequence[Draft]) -> list[Envelope]:
    recorded, prev = format_time(head.recorded), head.last_hash
    leaves: list[Envelope] = []
    for index, draft in enumerate(drafts, head.size):
        leaf = build("event", head.origin, index, Hash(prev), recorded, draft.fields)
        leaves.append(leaf)
        prev = leaf.leaf_hash
    return leaves


def _slot(
    draft: Draft, place: int, first: Mapping[bytes, int], known: Mapping[bytes, Known],
    placed: Mapping[bytes, tuple[Draft, Envelope]], kid: str,
) -> Slot:  # fmt: skip
    before = known.get(draft.lookup)
    if before is not None:
        check_repeated(draft, before, place)
        return Slot(before.index, None, None, None, replayed=True)
    original, leaf = placed[draft.lookup]
    return Slot(int(leaf.index), leaf, original, kid, replayed=first[draft.lookup] != place)
