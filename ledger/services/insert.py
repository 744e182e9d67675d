"""Bulk inserts of an append: unnest over packed arrays, one statement for each table, no row at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.core.commitment import ATTRS_MEDIA_TYPE
from ledger.core.envelope import Envelope
from ledger.services import packed
from ledger.services.drafts import Draft
from ledger.services.head import Head
from ledger.services.raw import RawCursor

_LEAF = """
INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, batch)
VALUES (%s, %s, %s, %b, %b, %s, %s)
"""
# Rows come in the order of the arrays, so the ordinality gives the index.
_LEAVES = """
INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, kid, batch, lookup)
SELECT %s, %s + place - 1, 'event', bytes, hash, %s, %s, batch, lookup
FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[], %b::uuid[]) WITH ORDINALITY
     AS leaf (bytes, hash, lookup, batch, place)
"""
_ATTRIBUTES = """
INSERT INTO ledger_object (stream_id, index, role, media_type, size, salt, data, blob)
SELECT %s, %s + place - 1, 'attrs', %s, size, salt, CASE WHEN blob IS NULL THEN data END, blob
FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::text[]) WITH ORDINALITY
     AS object (size, salt, data, blob, place)
"""
_PAYLOADS = """
INSERT INTO ledger_object
    (stream_id, index, role, media_type, size, salt, data, blob, fingerprint, fingerprint_key)
SELECT %s, %s + place - 1, 'payload', media_type, size, salt, CASE WHEN blob IS NULL THEN data END, blob,
       fingerprint, fingerprint_key
FROM unnest(%b::text[], %b::bigint[], %b::bytea[], %b::bytea[], %b::text[], %b::bytea[], %b::bytea[])
     WITH ORDINALITY
     AS object (media_type, size, salt, data, blob, fingerprint, fingerprint_key, place)
"""
_INDEX = """
INSERT INTO ledger_eventindex (stream_id, index, type, source, event_id, subject, claimed_time, recorded)
SELECT %s, %s + place - 1, type, source, event_id, subject, claimed_time, %s
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[]) WITH ORDINALITY
     AS event (type, source, event_id, subject, claimed_time, place)
"""
_ACCEPTED = """
INSERT INTO ledger_acceptance (stream_id, batch, actor, recorded)
SELECT %s, batch, actor, %s FROM unnest(%b::uuid[], %b::text[]) AS accepted (batch, actor)
"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One request's part of a group: `count` leaves in a row, under `batch`, for the opaque `actor`."""

    batch: uuid.UUID
    actor: str
    count: int


def insert_leaf(cursor: RawCursor, stream_id: int, leaf: Envelope, recorded: datetime, batch: uuid.UUID) -> None:
    """Insert one leaf that is no event."""
    values = (stream_id, leaf.index, leaf.kind, leaf.raw, leaf.leaf_hash, recorded, batch)
    cursor.execute(_LEAF, values)


def insert_events(
    cursor: RawCursor, head: Head, leaves: Sequence[Envelope], drafts: Sequence[Draft], accepted: Sequence[Accepted]
) -> None:
    """Insert event leaves from `head` on, their objects and their search columns; all go in step."""
    packed.prepared(cursor)
    first = (head.stream_id, head.size)
    batches = [one.batch.bytes for one in accepted for _ in range(one.count)]
    columns = (
        packed.byteas([leaf.raw for leaf in leaves]),
        packed.digests([leaf.leaf_hash for leaf in leaves]),
        packed.digests([draft.lookup for draft in drafts]),
        packed.uuids(batches),
    )
    cursor.execute(_LEAVES, (*first, head.recorded, head.receipt_kid, *columns))
    _insert_attributes(cursor, first, drafts)
    _insert_payloads(cursor, first, drafts)
    _insert_index(cursor, first, drafts, head.recorded)


def insert_accepted(cursor: RawCursor, head: Head, accepted: Sequence[Accepted]) -> None:
    """Insert who had these leaves accepted."""
    batches = packed.uuids([one.batch.bytes for one in accepted])
    cursor.execute(_ACCEPTED, (head.stream_id, head.recorded, batches, packed.texts([one.actor for one in accepted])))


def _insert_attributes(cursor: RawCursor, first: tuple[int, int], drafts: Sequence[Draft]) -> None:
    columns = (
        packed.bigints([len(draft.attrs) for draft in drafts]),
        packed.digests([draft.salts.attrs for draft in drafts]),
        packed.byteas([b"" if draft.attrs_blob else draft.attrs for draft in drafts]),
        _blobs([draft.attrs_blob for draft in drafts]),
    )
    cursor.execute(_ATTRIBUTES, (*first, ATTRS_MEDIA_TYPE, *columns))


def _insert_payloads(cursor: RawCursor, first: tuple[int, int], drafts: Sequence[Draft]) -> None:
    columns = (
        packed.texts([draft.event.media_type for draft in drafts]),
        packed.bigints([len(draft.event.payload) for draft in drafts]),
        packed.digests([draft.salts.payload for draft in drafts]),
        packed.byteas([b"" if draft.payload_blob else draft.event.payload for draft in drafts]),
        _blobs([draft.payload_blob for draft in drafts]),
        packed.digests([draft.fingerprint for draft in drafts]),
        packed.digests([draft.fingerprint_key for draft in drafts]),
    )
    cursor.execute(_PAYLOADS, (*first, *columns))


def _insert_index(cursor: RawCursor, first: tuple[int, int], drafts: Sequence[Draft], recorded: datetime) -> None:
    columns = (
        packed.texts([draft.event.type for draft in drafts]),
        packed.texts([draft.event.source for draft in drafts]),
        packed.texts([draft.event.id for draft in drafts]),
        packed.texts([draft.event.subject for draft in drafts]),
        packed.times([draft.claimed for draft in drafts]),
    )
    cursor.execute(_INDEX, (*first, recorded, *columns))


def _blobs(keys: Sequence[str]) -> packed.TextArray:
    return packed.texts([key or None for key in keys])
