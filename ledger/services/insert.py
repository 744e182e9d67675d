"""Bulk inserts of an append: unnest over packed arrays, one statement for all tables, no row at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from ledger.core.commitment import ATTRS_MEDIA_TYPE
from ledger.core.envelope import Envelope
from ledger.core.event_mold import CastLeaf
from ledger.services import packed
from ledger.services.drafts import Draft
from ledger.services.head import ADVANCE, Head, advance_values
from ledger.services.raw import RawCursor

Columns: TypeAlias = dict[str, packed.Array]
_LEAF = """
INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, batch)
VALUES (%s, %s, %s, %b, %b, %s, %s)
"""
# Rows come in the order of the arrays, so the ordinality gives the index. One statement for all tables and the head:
# each of its own would cost a single event more than the rows do. Its parts are independent of each other.
_INSERTS = """
WITH leaves AS (
    INSERT INTO ledger_leaf (stream_id, index, kind, bytes, hash, recorded, kid, batch, lookup)
    SELECT %(stream)s, %(first)s + place - 1, 'event', bytes, hash, %(recorded)s, %(kid)s, batch, lookup
    FROM unnest(%(leaf)b::bytea[], %(hash)b::bytea[], %(lookup)b::bytea[], %(batch)b::uuid[]) WITH ORDINALITY
         AS leaf (bytes, hash, lookup, batch, place)
), attributes AS (
    INSERT INTO ledger_object (stream_id, index, role, media_type, size, salt, data, blob)
    SELECT %(stream)s, %(first)s + place - 1, 'attrs', %(attrs_type)s, size, salt,
           CASE WHEN blob IS NULL THEN data END, blob
    FROM unnest(%(attrs_size)b::bigint[], %(attrs_salt)b::bytea[], %(attrs)b::bytea[], %(attrs_blob)b::text[])
         WITH ORDINALITY AS object (size, salt, data, blob, place)
), payloads AS (
    INSERT INTO ledger_object
        (stream_id, index, role, media_type, size, salt, data, blob, fingerprint, fingerprint_key)
    SELECT %(stream)s, %(first)s + place - 1, 'payload', media_type, size, salt,
           CASE WHEN blob IS NULL THEN data END, blob, fingerprint, fingerprint_key
    FROM unnest(%(media_type)b::text[], %(payload_size)b::bigint[], %(payload_salt)b::bytea[], %(payload)b::bytea[],
                %(payload_blob)b::text[], %(fingerprint)b::bytea[], %(fingerprint_key)b::bytea[]) WITH ORDINALITY
         AS object (media_type, size, salt, data, blob, fingerprint, fingerprint_key, place)
), found AS (
    INSERT INTO ledger_eventindex (stream_id, index, type, source, event_id, subject, claimed_time, recorded)
    SELECT %(stream)s, %(first)s + place - 1, type, source, event_id, subject, claimed_time, %(recorded)s
    FROM unnest(%(type)b::text[], %(source)b::text[], %(event_id)b::text[], %(subject)b::text[],
                %(claimed)b::timestamptz[]) WITH ORDINALITY
         AS event (type, source, event_id, subject, claimed_time, place)
), accepted AS (
    INSERT INTO ledger_acceptance (stream_id, batch, actor, recorded)
    SELECT %(stream)s, batch, actor, %(recorded)s
    FROM unnest(%(accepted)b::uuid[], %(actor)b::text[]) AS accepted (batch, actor)
)
"""
_EVENTS = _INSERTS + ADVANCE


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
    cursor: RawCursor, head: Head, leaves: Sequence[CastLeaf], drafts: Sequence[Draft], accepted: Sequence[Accepted]
) -> None:
    """Insert event leaves from `head` on, their objects, search columns and who had them accepted, and move the head.

    `leaves` and `drafts` go in step, and so do `accepted` with their counts.
    """
    columns = _leaf_columns(leaves, drafts, accepted) | _attributes(drafts) | _payloads(drafts) | _search(drafts)
    columns |= {"accepted": packed.uuids([one.batch.bytes for one in accepted])}
    columns |= {"actor": packed.texts([one.actor for one in accepted])}
    told = {
        "first": head.size,
        "attrs_type": ATTRS_MEDIA_TYPE,
        "kid": head.receipt_kid,
        **advance_values(head, leaves, waiting=len(leaves)),
    }
    packed.prepared(cursor).execute(_EVENTS, told | columns)


def _leaf_columns(leaves: Sequence[CastLeaf], drafts: Sequence[Draft], accepted: Sequence[Accepted]) -> Columns:
    return {
        "leaf": packed.byteas([leaf.raw for leaf in leaves]),
        "hash": packed.digests([leaf.leaf_hash for leaf in leaves]),
        "lookup": packed.digests([draft.lookup for draft in drafts]),
        "batch": packed.uuids([raw for one in accepted for raw in (one.batch.bytes,) * one.count]),
    }


def _attributes(drafts: Sequence[Draft]) -> Columns:
    return {
        "attrs_size": packed.bigints([len(draft.attrs) for draft in drafts]),
        "attrs_salt": packed.digests([draft.salts.attrs for draft in drafts]),
        "attrs": packed.byteas([b"" if draft.attrs_blob else draft.attrs for draft in drafts]),
        "attrs_blob": packed.texts([draft.attrs_blob or None for draft in drafts]),
    }


def _payloads(drafts: Sequence[Draft]) -> Columns:
    return {
        "media_type": packed.texts([draft.event.media_type for draft in drafts]),
        "payload_size": packed.bigints([len(draft.event.payload) for draft in drafts]),
        "payload_salt": packed.digests([draft.salts.payload for draft in drafts]),
        "payload": packed.byteas([b"" if draft.payload_blob else draft.event.payload for draft in drafts]),
        "payload_blob": packed.texts([draft.payload_blob or None for draft in drafts]),
        "fingerprint": packed.digests([draft.fingerprint for draft in drafts]),
        "fingerprint_key": packed.digests([draft.fingerprint_key for draft in drafts]),
    }


def _search(drafts: Sequence[Draft]) -> Columns:
    return {
        "type": packed.texts([draft.event.type for draft in drafts]),
        "source": packed.texts([draft.event.source for draft in drafts]),
        "event_id": packed.texts([draft.event.id for draft in drafts]),
        "subject": packed.texts([draft.event.subject for draft in drafts]),
        "claimed": packed.times([draft.claimed for draft in drafts]),
    }
