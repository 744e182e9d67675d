"""The core of every append: one lock, one look, one insert for the events of one or many requests to a stream.

Guarantees gapless indices, a chained `prev`, a `recorded` that never decreases, and that a request whose events are
refused adds nothing while the others' stand. The caller owns the transaction: `append_within` a decision's, the
committer its group's.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.core.event_mold import CastLeaf
from ledger.core.times import format_time
from ledger.services.dedupe import Known, check_repeated, check_same, folded, known_events
from ledger.services.drafts import Draft
from ledger.services.head import Head, lock_head, refuse_closed, refuse_hidden, refuse_restricted
from ledger.services.insert import Accepted, insert_events
from ledger.services.raw import RawCursor


@dataclass(slots=True)
class Slot:
    """Where an event stands. `leaf`, `draft` and `kid` are None for one that the stream held before this
    group.
    """

    index: int
    leaf: CastLeaf | None
    draft: Draft | None
    kid: str | None
    replayed: bool


@dataclass(slots=True)
class Placing:
    """What a group adds to one locked head, request after request."""

    head: Head
    known: Mapping[bytes, Known] = field(default_factory=dict)
    new: list[Draft] = field(default_factory=list)
    leaves: list[CastLeaf] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    _placed: dict[bytes, tuple[Draft, CastLeaf]] = field(default_factory=dict)

    def place(self, drafts: Sequence[Draft], batch: uuid.UUID, actor: str) -> list[Slot]:
        """Place one request's events, all or, where one is refused, none; returns a slot for each.

        Raises EventConflict, PayloadErased, StreamClosed, TenantSuspended, StreamFrozen, StreamUnknown.
        """
        refuse_hidden(self.head)
        first = folded(drafts)
        if self.known or self._placed:
            for place, draft in enumerate(drafts):
                self._check(draft, place)
        new = [drafts[at] for lookup, at in first.items() if lookup not in self.known and lookup not in self._placed]
        if new:
            refuse_closed(self.head)
            refuse_restricted(self.head)
        made = self._add(new, batch, actor)
        if len(new) == len(drafts):
            kid = self.head.receipt_kid
            return [Slot(leaf.index, leaf, draft, kid, False) for draft, leaf in zip(new, made, strict=True)]
        fresh = {draft.lookup for draft in new}
        return [
            self._slot(draft, replayed=draft.lookup not in fresh or first[draft.lookup] != at)
            for at, draft in enumerate(drafts)
        ]

    def write(self, cursor: RawCursor) -> None:
        """Insert all that was placed, and move the head over it."""
        if not self.leaves:
            return
        insert_events(cursor, self.head, self.leaves, self.new, self.accepted)

    def _check(self, draft: Draft, place: int) -> None:
        before = self.known.get(draft.lookup)
        if before is not None:
            check_repeated(draft, before, place)
        elif draft.lookup in self._placed:
            check_same(draft, self._placed[draft.lookup][0], place)

    def _add(self, new: Sequence[Draft], batch: uuid.UUID, actor: str) -> list[CastLeaf]:
        if not new:
            return []
        recorded = format_time(self.head.recorded)
        prev = self.leaves[-1].leaf_hash if self.leaves else self.head.last_hash
        made: list[CastLeaf] = []
        for index, draft in enumerate(new, self.head.size + len(self.leaves)):
            leaf = draft.mold.cast(index, prev, recorded)
            made.append(leaf)
            prev = leaf.leaf_hash
        self.new += new
        self.leaves += made
        self.accepted.append(Accepted(batch, actor, len(made)))
        self._placed.update({draft.lookup: (draft, leaf) for draft, leaf in zip(new, made, strict=True)})
        return made

    def _slot(self, draft: Draft, *, replayed: bool) -> Slot:
        before = self.known.get(draft.lookup)
        if before is not None:
            return Slot(before.index, None, None, None, replayed=True)
        original, leaf = self._placed[draft.lookup]
        return Slot(int(leaf.index), leaf, original, self.head.receipt_kid, replayed)


def append_group(
    cursor: RawCursor, stream_id: int, drafts: Sequence[Draft], *, batch: uuid.UUID, actor: str
) -> list[Slot]:
    """Place one request's drafts under the stream's lock, in order; returns a slot for each.

    Raises StreamStopped, ClockAhead, EventConflict, PayloadErased.
    """
    head = lock_head(cursor, stream_id)
    placing = Placing(head, known_events(cursor, stream_id, [draft.lookup for draft in drafts]))
    slots = placing.place(drafts, batch, actor)
    placing.write(cursor)
    return slots
