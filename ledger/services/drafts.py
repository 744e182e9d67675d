"""Drafts: everything of an event that can be made before the stream is locked.

Commitments, lookup key and fingerprint do not depend on the index, so they are computed outside the lock;
objects above 32 KiB are stored as blobs, durably, before the transaction begins (design: durability, A1).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple, TypeAlias

from ledger.core.commitment import ATTRS_MEDIA_TYPE, SALT_BYTES, commit
from ledger.core.event import RawEvent, Salts, attrs_bytes, fingerprint_of, lookup_of
from ledger.core.event_mold import EventMold, mold
from ledger.errors import StorageFull
from ledger.models import INLINE_LIMIT
from ledger.storage import blob_key, store

Entropy: TypeAlias = Callable[[int], bytes]
_PER_EVENT = 3 * SALT_BYTES


class Draft(NamedTuple):
    """An event ready to be placed. `*_blob` is '' where the object is stored as a row."""

    event: RawEvent
    attrs: bytes
    salts: Salts
    mold: EventMold
    lookup: bytes
    fingerprint: bytes
    fingerprint_key: bytes
    claimed: datetime | None
    attrs_blob: str
    payload_blob: str

    def says_the_same(self, other: Draft) -> bool:
        """Whether two drafts with one lookup key have one content."""
        mine, theirs = self.event, other.event
        return (mine.type, self.attrs, mine.media_type, mine.payload) == (
            theirs.type, other.attrs, theirs.media_type, theirs.payload,
        )  # fmt: skip


def drafts_of(
    events: Sequence[RawEvent], origin: str, lookup_key: bytes, batch: uuid.UUID, entropy: Entropy
) -> list[Draft]:
    """Draft each event, storing large objects on the way; `entropy` gives salts and fingerprint keys.

    Raises LeafSchema, JSONInvalid and EventInvalid for what no leaf can say, and StorageFull; nothing of the batch
    stays in a store that is full.
    """
    random, name = entropy(_PER_EVENT * len(events)), batch.hex
    try:
        return [
            _draft(event, origin, lookup_key, random[place * _PER_EVENT : (place + 1) * _PER_EVENT], name, place)
            for place, event in enumerate(events)
        ]
    except StorageFull:
        for place, role in product(range(len(events)), ("attrs", "payload")):
            store().delete(blob_key(name, place, role))
        raise


def _draft(event: RawEvent, origin: str, lookup_key: bytes, random: bytes, batch: str, place: int) -> Draft:
    attrs, payload = attrs_bytes(event), event.payload
    salts = Salts(random[:SALT_BYTES], random[SALT_BYTES : 2 * SALT_BYTES])
    fingerprint_key = random[2 * SALT_BYTES :]
    first, second = commit(salts.attrs, ATTRS_MEDIA_TYPE, attrs), commit(salts.payload, event.media_type, payload)
    return Draft(
        event, attrs, salts, mold(origin, event.type, first, second),
        lookup_of(lookup_key, event.source, event.id), fingerprint_of(fingerprint_key, event, attrs), fingerprint_key,
        claimed_time(event.time),
        "" if len(attrs) <= INLINE_LIMIT else _stored(attrs, batch, place, "attrs"),
        "" if len(payload) <= INLINE_LIMIT else _stored(payload, batch, place, "payload"),
    )  # fmt: skip


def claimed_time(text: str | None) -> datetime | None:
    """The event's own time for the search column; None where it is absent or outside what can be stored."""
    try:
        if text is None:
            return None
        said = datetime.fromisoformat(text.upper())
        return said if said.tzinfo is UTC else said.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _stored(data: bytes, batch: str, place: int, role: str) -> str:
    key = blob_key(batch, place, role)
    store().put(key, data)
    return key
