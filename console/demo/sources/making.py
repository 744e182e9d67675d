"""From facts to an event whose id is the digest of what it says: read again, it is the same event."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from ledger.core.canonical import canonical
from ledger.core.event import RawEvent
from ledger.core.types import JSONObject

ID_DIGITS = 32
LONGEST_SUBJECT = 1_024


def event_of(
    kind: str, source: str, payload: JSONObject, *, time: str | None, subject: str, event_id: str = ""
) -> RawEvent:
    """An event of type `kind`; without `event_id` its id is 128 bits of SHA-256 over subject and payload."""
    body = canonical(payload)
    digest = hashlib.sha256(subject.encode() + b"\0" + body).hexdigest()[:ID_DIGITS]
    fitting = subject if len(subject.encode()) <= LONGEST_SUBJECT else None
    return RawEvent(type=kind, id=event_id or digest, source=source, payload=body, time=time, subject=fitting)


def utc_text(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second; `moment` is aware."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
