"""Appending the leaves that speak of other leaves, or of the stream itself, together with their derived rows.

The caller holds the stream's lock and its transaction, and tells the head guard after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.core.control import Link
from ledger.core.envelope import Envelope, build
from ledger.core.head_guard import Receipted
from ledger.core.notice import NoticeOf, notice_of
from ledger.core.schemas import CONTROL
from ledger.core.times import format_time
from ledger.core.types import JSONObject, LeafIndex
from ledger.errors import RequestError
from ledger.models import Notice, NoticeRange
from ledger.selectors.streams import StreamView
from ledger.services.head import Head, advance
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.promise import tell
from ledger.services.raw import RawCursor

_CONTROL = "UPDATE ledger_streamhead SET control_index = %s, control_hash = %s WHERE stream_id = %s"
MAX_REASON = 500


class ReasonRefused(RequestError):
    """No reason, or one that is too long: it stays in the log for ever."""

    code = "reason_refused"


@dataclass(frozen=True, slots=True)
class Draft:
    """A leaf to be written: kind and own fields; an erasure, or a hold that is set, is open."""

    kind: str
    fields: JSONObject
    is_open: bool = False


def append_notices(cursor: RawCursor, head: Head, drafts: Sequence[Draft]) -> list[Envelope]:
    """Write leaves in order under the held lock, with their rows, and move the head; returns the leaves."""
    leaves: list[Envelope] = []
    at, recorded, batch = head, format_time(head.recorded), fresh_id()
    for draft in drafts:
        fields = draft.fields | ({"control_prev": at.control.to_json()} if draft.kind in CONTROL else {})
        leaf = build(draft.kind, at.origin, at.size, at.last_hash, recorded, fields)
        insert_leaf(cursor, at.stream_id, leaf, at.recorded, batch)
        list_leaf(at.stream_id, leaf, is_open=draft.is_open)
        control = Link.to(leaf) if leaf.is_control else at.control
        at = replace(at, size=leaf.index + 1, last_hash=leaf.leaf_hash, control=control)
        leaves.append(leaf)
    if leaves:
        advance(cursor, head, leaves, waiting=len(leaves))
        if at.control != head.control:
            cursor.execute(_CONTROL, (at.control.index, at.control.leaf_hash, head.stream_id))
    return leaves


def list_leaf(stream_id: int, leaf: Envelope, *, is_open: bool) -> None:
    """Write the derived rows of a leaf, in the caller's transaction."""
    told = notice_of(leaf) or NoticeOf(leaf.kind)
    place = {"stream_id": stream_id, "index": leaf.index, "kind": told.kind}
    Notice.objects.create(**place, name=told.name, is_open=is_open)
    parts = dict.fromkeys(told.parts, True)
    NoticeRange.objects.bulk_create(NoticeRange(**place, first=first, last=last, **parts) for first, last in told.spans)


def tell_last(stream: StreamView, leaves: Sequence[Envelope]) -> None:
    """Tell the head guard of committed leaves; raises what it refuses with."""
    if leaves:
        tell(stream, Receipted(LeafIndex(leaves[-1].index + 1), leaves[-1].leaf_hash))


def reason_of(text: str) -> str:
    """The reason, trimmed; raises ReasonRefused."""
    found = text.strip()
    if not 1 <= len(found) <= MAX_REASON:
        raise ReasonRefused(
            "A reason is needed",
            why=f"{len(found)} characters; 1 to {MAX_REASON} are taken",
            next_step="Give a short reason without names of persons: it stays in the log for ever.",
            path="$.reason",
        )
    return found
