"""One transaction for a group of requests: their keys and streams locked, their leaves placed, written, committed.

Guarantees that a request which is refused (a stop, a conflict, an erased payload, a key that stands for another
request) leaves nothing while the others' events are committed, and that `Group.sent` is true from the moment on at
which a lost connection leaves the outcome unknown. Locks: idempotency keys in their order, then streams in the order
of their origins. Two round trips: what has to be read, and what is written with its COMMIT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.errors import LedgerError
from ledger.services import idempotency as keys
from ledger.services.committer.grounds import Grounds, GroundsChanged
from ledger.services.committer.items import Item
from ledger.services.committer.wire import Wire
from ledger.services.dedupe import known_events
from ledger.services.group import Placing, Slot
from ledger.services.head import Head, ask_for_head, head_in
from ledger.services.raw import RawCursor


@dataclass(slots=True)
class Group:
    """What one transaction holds. `refused` are items that nothing was written for, with the reason."""

    items: Sequence[Item]
    look_up: bool
    sent: bool = False
    placings: dict[int, Placing] = field(default_factory=dict)
    slots: dict[Item, list[Slot]] = field(default_factory=dict)
    refused: dict[Item, Exception] = field(default_factory=dict)

    def run(self, wire: Wire) -> None:
        """Begin, place, write and commit. Raises psycopg.Error; the caller rolls back, or asks how it ended."""
        claimed = self._read(wire)
        for item in self.items:
            if item not in self.slots and item not in self.refused:
                self._place(item)
        self._write(wire, claimed)

    def witness(self) -> tuple[int, int, bytes] | None:
        """Stream, index and batch of one leaf that is there exactly if this group was committed."""
        for stream_id, placing in self.placings.items():
            if placing.leaves:
                return stream_id, int(placing.leaves[0].index), placing.accepted[0].batch.bytes
        return None

    def _read(self, wire: Wire) -> list[Item]:
        """Lock keys and streams; returns the items whose keys are theirs now."""
        keyed = sorted((item for item in self.items if item.key), key=lambda item: item.key or ("", ""))
        streams = {item.stream.id: item.stream.origin for item in self.items}
        ordered = sorted(streams, key=lambda stream_id: streams[stream_id])
        connection = wire.connection()
        with connection.pipeline():
            connection.execute("BEGIN")
            claims = [(item, _claim(wire, item)) for item in keyed]
            locked = {stream_id: _head(wire, stream_id) for stream_id in ordered}
            asked = {one: _asked(wire, one) for one in {item.grounds for item in self.items} if one is not None}
            claimed = [item for item, answer in claims if answer.fetchone() is not None]
        self._refuse_ungrounded({one for one, answer in asked.items() if not one.hold(answer)})
        self._replay(wire, set(keyed) - set(claimed) - set(self.refused))
        self._begin(wire, locked)
        return claimed

    def _refuse_ungrounded(self, changed: set[Grounds]) -> None:
        self.refused.update((item, GroundsChanged()) for item in self.items if item.grounds in changed)

    def _replay(self, wire: Wire, held: set[Item]) -> None:
        """Requests whose keys another request has used: the same one, which is answered again, or another."""
        for item in held:
            if item.idempotency is None:
                continue
            try:
                indices = keys.held(wire.cursor(), item.stream.namespace, item.stream.id, item.idempotency)
                self.slots[item] = [Slot(index, None, None, None, replayed=True) for index in indices]
            except LedgerError as error:
                self.refused[item] = error

    def _begin(self, wire: Wire, locked: dict[int, RawCursor]) -> None:
        for stream_id, answer in locked.items():
            mine = [item for item in self.items if item.stream.id == stream_id and item not in self.slots]
            try:
                self.placings[stream_id] = self._placing(wire, head_in(answer, stream_id), mine)
            except LedgerError as error:
                self.refused.update((item, error) for item in mine if item not in self.refused)

    def _placing(self, wire: Wire, head: Head, items: Sequence[Item]) -> Placing:
        if not self.look_up and not head.restriction:  # Restricted: what is there already is answered again.
            return Placing(head)
        lookups = [draft.lookup for item in items for draft in item.drafts]
        return Placing(head, known_events(wire.cursor(), head.stream_id, lookups))

    def _place(self, item: Item) -> None:
        try:
            self.slots[item] = self.placings[item.stream.id].place(item.drafts, item.batch, item.actor)
        except LedgerError as error:
            self.refused[item] = error

    def _write(self, wire: Wire, claimed: Sequence[Item]) -> None:
        connection = wire.connection()
        # From here on a connection that breaks may or may not have taken the COMMIT along.
        self.sent = True
        with connection.pipeline():
            cursor = connection.cursor()
            for placing in self.placings.values():
                placing.write(cursor)
            for item in claimed:
                self._settle_key(cursor, item)
            connection.execute("COMMIT")

    def _settle_key(self, cursor: RawCursor, item: Item) -> None:
        if item.idempotency is None:
            return
        if item in self.refused:
            keys.release(cursor, item.stream.namespace, item.idempotency)
        else:
            indices = [slot.index for slot in self.slots[item]]
            keys.remember(cursor, item.stream.namespace, item.idempotency, indices)


def _claim(wire: Wire, item: Item) -> RawCursor:
    cursor = wire.cursor()
    if item.idempotency is not None:
        keys.ask_for_claim(cursor, item.stream.namespace, item.stream.id, item.idempotency)
    return cursor


def _asked(wire: Wire, grounds: Grounds) -> RawCursor:
    """Behind the locks, so that it sees what was committed while the group waited for them."""
    cursor = wire.cursor()
    grounds.ask(cursor)
    return cursor


def _head(wire: Wire, stream_id: int) -> RawCursor:
    cursor = wire.cursor()
    ask_for_head(cursor, stream_id)
    return cursor
