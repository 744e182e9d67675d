"""Rows of leaves that are put back: the leaf, what is derived from it, and the head, in the caller's transaction.

Guarantees inserts only, except for the one row that every append moves, the head. What stood beside a leaf alone (an
event's attributes, payload and salts, who sent it) is in no leaf and is not made up: the lookup key of such an event
is one that no event has, so that an event which is sent again is a new leaf.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from ledger.core.control import Link
from ledger.core.envelope import Envelope
from ledger.core.head import head_of
from ledger.core.hold import hold_of
from ledger.core.notice import notice_of
from ledger.core.terms import terms_of
from ledger.core.times import parse_time
from ledger.core.window import window_of
from ledger.errors import RequestError
from ledger.models import EventIndex, LoggedHead, Notice, PolicyText, Stream
from ledger.selectors.heads import is_log_of_heads
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView
from ledger.services.head import Head
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.notices import list_leaf
from ledger.services.raw import RawCursor
from ledger.services.recreate import write_window
from ledger.services.terms import watch

_EVENT = """
INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, kid, batch, lookup)
VALUES (%s, %s, 'event', %b, %b, %s, %s, %s, %b)
"""
_HEAD = """
UPDATE ledger_streamhead
SET size = %s, last_hash = %b, last_recorded = %s, control_index = %s, control_hash = %b, window_number = %s,
    window_from = %s, window_opened = %s, events_open = %s, waiting_since = %s, successor = COALESCE(%s, successor)
WHERE stream_id = %s
"""


def refuse(leaf: Envelope) -> None:
    """Raise RequestError for a leaf whose other half was in the lost database alone."""
    why = ""
    if leaf.kind == "key":
        why = f"leaf {leaf.index} changes keys, whose private halves were in the lost database"
    elif leaf.kind == "closed" and not Stream.objects.filter(origin=_successor(leaf)).exists():
        why = f"leaf {leaf.index} closes the log for {_successor(leaf)}, which was in the lost database alone"
    elif leaf.kind == "policy" and not PolicyText.objects.filter(digest=leaf.fields["policy"]).exists():
        why = f"leaf {leaf.index} names a policy whose text was in the lost database"
    if why:
        step = "Put back a newer backup, or continue the log: stream_continue."
        raise RequestError("The stream could not go on with these leaves", why=why, next_step=step)


def _successor(leaf: Envelope) -> str | None:
    told = leaf.fields["successor"]
    return str(told["origin"]) if isinstance(told, dict) else None


class Rows:
    """Writes leaves in order, from a locked head on."""

    def __init__(self, cursor: RawCursor, stream: StreamView, head: Head) -> None:
        self._cursor, self._stream, self._at, self._batch = cursor, stream, head, fresh_id()

    def put(self, leaf: Envelope) -> None:
        """One leaf behind those before it."""
        recorded = parse_time(leaf.recorded)
        if leaf.kind == "event":
            self._event(leaf)
        else:
            insert_leaf(self._cursor, self._stream.id, leaf, recorded, self._batch)
            self._derived(leaf)
        at = replace(self._at, size=leaf.index + 1, last_hash=leaf.leaf_hash, recorded=recorded)
        if leaf.kind == "window":
            at = replace(
                at, window_number=window_of(leaf).number, window_from=int(leaf.index), window_opened=recorded,
                events_open=0, waiting_since=None,
            )  # fmt: skip
        elif leaf.kind != "anchor":
            at = replace(at, events_open=at.events_open + 1, waiting_since=at.waiting_since or recorded)
        self._at = replace(at, control=Link.to(leaf)) if leaf.is_control else at
        if leaf.kind == "closed":
            self._at = replace(self._at, successor=_successor(leaf))

    def end(self) -> Head:
        """Move the head over everything; returns it."""
        at = self._at
        self._cursor.execute(
            _HEAD,
            (at.size, at.last_hash, at.recorded, at.control.index, at.control.leaf_hash, at.window_number,
             at.window_from, at.window_opened, at.events_open, at.waiting_since, at.successor, at.stream_id),
        )  # fmt: skip
        return at

    def _event(self, leaf: Envelope) -> None:
        recorded, unknown = parse_time(leaf.recorded), sha256(b"countersign/refilled\0" + leaf.leaf_hash).digest()
        values = (self._stream.id, leaf.index, leaf.raw, leaf.leaf_hash, recorded, self._at.receipt_kid, self._batch)
        self._cursor.execute(_EVENT, (*values, unknown))
        place = {"stream_id": self._stream.id, "index": leaf.index}
        EventIndex.objects.create(**place, type=str(leaf.fields["type"]), recorded=recorded)

    def _derived(self, leaf: Envelope) -> None:
        if leaf.kind == "window":
            write_window(self._cursor, self._stream, int(leaf.index), window_of(leaf))
        if leaf.kind == "head":
            self._place(leaf)
        if notice_of(leaf) is None:
            return
        if leaf.kind == "terms":
            watch(self._stream.id, terms(self._stream), terms_of(leaf), leaf)
        held = leaf.kind == "hold" and not hold_of(leaf).released
        if leaf.kind == "hold" and not held:
            rows = Notice.objects.filter(stream_id=self._stream.id, kind="hold", name=hold_of(leaf).case, is_open=True)
            rows.update(is_open=False)
        list_leaf(self._stream.id, leaf, is_open=held or leaf.kind == "erasure")

    def _place(self, leaf: Envelope) -> None:
        """The place of a checkpoint in the log of heads, where its stream is here."""
        told = head_of(leaf)
        stream = Stream.objects.filter(origin=told.origin).values_list("pk", flat=True).first()
        if stream is not None:
            log = None if is_log_of_heads(self._stream) else self._stream.id
            row = LoggedHead(stream_id=stream, size=told.size, index=leaf.index, log_id=log)
            LoggedHead.objects.bulk_create([row], ignore_conflicts=True)
