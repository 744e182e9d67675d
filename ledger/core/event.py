"""Events: what a tenant says (`RawEvent`), and the two commitments that the leaf keeps of it.

The CloudEvents 1.0 context attributes (id, source, time, subject, sequence, dataschema, extensions) are
committed as `attrs`, the data as `payload`. Both are stored beside the log, disclosed separately and erased
separately.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.core.canonical import canonical
from ledger.core.commitment import ATTRS_MEDIA_TYPE, commit
from ledger.core.keyed_hash import keyed_hash
from ledger.core.types import JSONObject

JSON_MEDIA_TYPE = "application/json"
_SIZES = struct.Struct(">4Q").pack


@dataclass(slots=True)
class RawEvent:
    """One event as it was received and validated; `payload` are the bytes that will be committed.

    Never changed once made. It is not frozen, nor are the others that are made once for each event: a frozen
    dataclass takes seven times as long to make.
    """

    type: str
    id: str
    source: str
    payload: bytes
    media_type: str = JSON_MEDIA_TYPE
    time: str | None = None
    subject: str | None = None
    sequence: str | None = None
    dataschema: str | None = None
    extensions: Mapping[str, str | int | bool] = field(default_factory=dict)


class Salts(NamedTuple):
    """32 random bytes for each of the two commitments."""

    attrs: bytes
    payload: bytes


def attrs_bytes(event: RawEvent) -> bytes:
    """RFC 8785 bytes of the context attributes; attributes that were not given are absent, not null."""
    value: JSONObject = {**event.extensions, "id": event.id, "source": event.source}
    if event.time is not None:
        value["time"] = event.time
    if event.subject is not None:
        value["subject"] = event.subject
    if event.sequence is not None:
        value["sequence"] = event.sequence
    if event.dataschema is not None:
        value["dataschema"] = event.dataschema
    return canonical(value)


def event_fields(event: RawEvent, attrs: bytes, salts: Salts) -> JSONObject:
    """The fields of an event leaf: its type, and commitments to `attrs` (`attrs_bytes`) and payload."""
    return {
        "type": event.type,
        "attrs": commit(salts.attrs, ATTRS_MEDIA_TYPE, attrs).hex(),
        "payload": commit(salts.payload, event.media_type, event.payload).hex(),
    }


def lookup_of(stream_key: bytes, source: str, event_id: str) -> bytes:
    """Key of a repeated event: HMAC-SHA-256(stream key, source || 0 || id), kept for ever."""
    return keyed_hash(stream_key, f"{source}\0{event_id}".encode())


def fingerprint_of(object_key: bytes, event: RawEvent, attrs: bytes) -> bytes:
    """HMAC-SHA-256 over everything the tenant said, under a key that is erased with the object's salt."""
    kind, media, payload = event.type.encode(), event.media_type.encode(), event.payload
    sizes = _SIZES(len(kind), len(attrs), len(media), len(payload))
    parts = (sizes[:8], kind, sizes[8:16], attrs, sizes[16:24], media, sizes[24:], payload)
    return keyed_hash(object_key, b"".join(parts))
