"""Bulk inserts of an append: unnest over binary arrays, one statement per table, no row at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from ledger.core.commitment import ATTRS_MEDIA_TYPE
from ledger.core.envelope import Envelope
from ledger.services.drafts import Draft
from ledger.services.raw import RawCursor

_LEAF = """
INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, batch)
VALUES (%s, %s, %s, %b, %b, %s, %s)
"""
_LEAVES = """
INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, kid, batch, lookup)
SELECT %s, index, %s, bytes, hash, %s, %s, %s, lookup
FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[]) AS leaf (index, bytes, hash, lookup)
"""
_OBJECTS = """
INSERT INTO ledger_object
    (stream_id, index, role, media_type, size, salt, data, blob, fingerprint, fingerprint_key)
SELECT %s, index, %s, media_type, size, salt, CASE WHEN blob = '' THEN data END, NULLIF(blob, ''),
       NULLIF(fingerprint, ''), NULLIF(fingerprint_key, '')
FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::bytea[], %b::bytea[], %b::text[], %b::bytea[],
            %b::bytea[])
     AS object (index, media_type, size, salt, data, blob, fingerprint, fingerprint_key)
"""
_INDEX = """
INSERT INTO ledger_eventindex (stream_id, index, type, source, event_id, subject, claimed_time, recorded)
SELECT %s, index, type, source, event_id, subject, claimed_time, %s
FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %s::text[], %s::timestamptz[])
     AS event (index, type, source, event_id, subject, claimed_time)
"""


def insert_leaf(cursor: RawCursor, stream_id: int, leaf: Envelope, recorded: datetime, batch: uuid.UUID) -> None:
    """Insert one leaf that is no event."""
    values = (stream_id, leaf.index, leaf.kind, leaf.raw, leaf.leaf_hash, recorded, batch)
    cursor.execute(_LEAF, values)


def insert_events(
    cursor: RawCursor, stream_id: int, leaves: Sequence[Envelope], drafts: Sequence[Draft],
    recorded: datetime, kid: str, batch: uuid.UUID,
) -> None:  # fmt: skip
    """Insert event leaves, their objects and their search columns; `leaves` and `drafts` go in step."""
    indices = [int(leaf.index) for leaf in leaves]
    lookups = [draft.lookup for draft in drafts]
    columns = (indices, [leaf.raw for leaf in leaves], [leaf.leaf_hash for leaf in leaves], lookups)
    cursor.execute(_LEAVES, (stream_id, "event", recorded, kid, batch, *columns))
    _insert_attributes(cursor, stream_id, indices, drafts)
    _insert_payloads(cursor, stream_id, indices, drafts)
    _insert_index(cursor, stream_id, indices, drafts, recorded)


def _insert_attributes(cursor: RawCursor, stream_id: int, indices: list[int], drafts: Sequence[Draft]) -> None:
    columns = (
        indices,
        [ATTRS_MEDIA_TYPE] * len(drafts),
        [len(draft.attrs) for draft in drafts],
        [draft.salts.attrs for draft in drafts],
        [b"" if draft.attrs_blob else draft.attrs for draft in drafts],
        [draft.attrs_blob for draft in drafts],
        [b""] * len(drafts),
        [b""] * len(drafts),
    )
    cursor.execute(_OBJECTS, (stream_id, "attrs", *columns))


def _insert_payloads(cursor: RawCursor, stream_id: int, indices: list[int], drafts: Sequence[Draft]) -> None:
    columns = (
        indices,
        [draft.event.media_type for draft in drafts],
        [len(draft.event.payload) for draft in drafts],
        [draft.salts.payload for draft in drafts],
        [b"" if draft.payload_blob else draft.event.payload for draft in drafts],
        [draft.payload_blob for draft in drafts],
        [draft.fingerprint for draft in drafts],
        [draft.fingerprint_key for draft in drafts],
    )
    cursor.execute(_OBJECTS, (stream_id, "payload", *columns))


def _insert_index(
    cursor: RawCursor, stream_id: int, indices: list[int], drafts: Sequence[Draft], recorded: datetime
) -> None:
    columns = (
        indices,
        [draft.event.type for draft in drafts],
        [draft.event.source for draft in drafts],
        [draft.event.id for draft in drafts],
        [draft.event.subject for draft in drafts],
        [draft.claimed for draft in drafts],
    )
    cursor.execute(_INDEX, (stream_id, recorded, *columns))
