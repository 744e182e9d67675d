"""Events: what a tenant says (`RawEvent`), and the two commitments that the leaf keeps of it.

The CloudEvents 1.0 context attributes (id, source, time, subject, sequence, dataschema, extensions) are
committed as `attrs`, the data as `payload`. Both are stored beside the log, disclosed separately and erased
separately.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.core.canonical import canonical
from ledger.core.commitment import ATTRS_MEDIA_TYPE, commit
from ledger.core.types import JSONObject

JSON_MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One event as it was received and validated; `payload` are the bytes that will be committed."""

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


@dataclass(frozen=True, slots=True)
class Salts:
    """32 random bytes for each of the two commitments."""

    attrs: bytes
    payload: bytes


def attrs_bytes(event: RawEvent) -> bytes:
    """RFC 8785 bytes of the context attributes; attributes that were not given are absent, not null."""
    value: JSONObject = {**event.extensions, "id": event.id, "source": event.source}
    optional = ("time", "subject", "sequence", "dataschema")
    value |= {name: given for name in optional if (given := getattr(event, name)) is not None}
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
    return hmac.digest(stream_key, source.encode() + b"\0" + event_id.encode(), hashlib.sha256)


def fingerprint_of(object_key: bytes, event: RawEvent, attrs: bytes) -> bytes:
    """HMAC-SHA-256 over everything the tenant said, under a key that is erased with the object's salt."""
    parts = (event.type.encode(), attrs, event.media_type.encode(), event.payload)
    body = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.digest(object_key, body, hashlib.sha256)
