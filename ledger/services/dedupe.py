"""Repeated events: the same (source, id) is the same event, or a conflict; never a second leaf.

Content is compared by the fingerprint in the payload's row. Where that row or its fingerprint is gone, the
event was erased and a replay is answered 410, because neither side's claim can be supported any more.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.core.event import fingerprint_of
from ledger.errors import EventConflict, PayloadErased
from ledger.services.drafts import Draft
from ledger.services.raw import RawCursor

_KNOWN = """
SELECT leaf.lookup, leaf.index, object.fingerprint_key, object.fingerprint
FROM ledger_leaf AS leaf
LEFT JOIN ledger_object AS object
  ON object.stream_id = leaf.stream_id AND object.index = leaf.index AND object.role = 'payload'
WHERE leaf.stream_id = %s AND leaf.lookup = ANY(%b::bytea[])
"""


@dataclass(frozen=True, slots=True)
class Known:
    """An event that the stream holds already."""

    index: int
    fingerprint_key: bytes | None
    fingerprint: bytes | None


def folded(drafts: Sequence[Draft]) -> dict[bytes, int]:
    """First place of each lookup key; raises EventConflict when a batch contradicts itself."""
    first: dict[bytes, int] = {}
    for place, draft in enumerate(drafts):
        before = first.setdefault(draft.lookup, place)
        if before != place and not drafts[before].says_the_same(draft):
            raise _conflict(draft, place, f"event {before} of this batch has the same source and id")
    return first


def known_events(cursor: RawCursor, stream_id: int, lookups: Sequence[bytes]) -> dict[bytes, Known]:
    """What the stream holds under these lookup keys; complete only under the stream's lock."""
    rows = cursor.execute(_KNOWN, (stream_id, list(lookups))).fetchall()
    return {bytes(row[0]): Known(*row[1:]) for row in rows}


def check_repeated(draft: Draft, known: Known, place: int) -> None:
    """Raises EventConflict unless the draft says what the stream holds, PayloadErased where that is gone."""
    if known.fingerprint is None or known.fingerprint_key is None:
        raise PayloadErased(
            "The event was recorded, and its content erased", why=f"index {known.index}", path=_path(place)
        )
    again = fingerprint_of(bytes(known.fingerprint_key), draft.event, draft.attrs)
    if not hmac.compare_digest(again, bytes(known.fingerprint)):
        raise _conflict(draft, place, f"index {known.index} has the same source and id")


def check_same(draft: Draft, before: Draft, place: int) -> None:
    """Raises EventConflict unless both say the same; `before` is an event that another request brought just now."""
    if not before.says_the_same(draft):
        raise _conflict(draft, place, "another request appends the same source and id at this moment")


def _conflict(draft: Draft, place: int, why: str) -> EventConflict:
    return EventConflict(f"Another event {draft.event.id[:80]!r} of this source", why=why, path=_path(place))


def _path(place: int) -> str:
    return f"$[{place}]"
