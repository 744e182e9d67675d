"""What the portal asks a new key to sign: the statement's fields, with a nonce that ends after a day.

Guarantees that the nonce is for one person, use and hour, without a row: 4 bytes of time and 12 bytes of
HMAC-SHA256 under a key derived from the seal key. That a proof is used once follows from the key, which is registered
once.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from governance.identity.actions.base import GOVERNANCE
from governance.identity.core.person_keys import KeyUse
from governance.identity.core.possession import Possession, fields_for
from governance.identity.errors import KeyMalformed
from governance.identity.models.person import Person
from governance.identity.selectors.founding import founding
from ledger.core.types import JSONObject
from ledger.selectors.streams import stream
from ledger.storage.sealing import derived, derived_keys

LIFE = timedelta(days=1)
TIME_BYTES = 4
TAG_BYTES = 12
_PURPOSE = b"identity/possession"


def enrolment_fields(person: Person, use: KeyUse, now: datetime, *, replaces: str | None = None) -> JSONObject:
    """The fields that the signing page or the command line completes and signs, good for a day."""
    return _fields(person, use, replaces, _nonce(derived(_PURPOSE), person, use, int(now.timestamp())))


def check_possession(found: Possession, person: Person, now: datetime) -> None:
    """Raise KeyMalformed unless this is what `person` was asked to sign within the last day."""
    nonce = base64.urlsafe_b64decode(str(found.fields["nonce"]) + "==")
    at = int.from_bytes(nonce[:TIME_BYTES], "big")
    if not any(hmac.compare_digest(nonce, _nonce(key, person, found.use, at)) for key in derived_keys(_PURPOSE)):
        raise KeyMalformed("This proof was not asked for by us, or for somebody else", path="$.nonce")
    if not 0 <= now.timestamp() - at <= LIFE.total_seconds():
        raise KeyMalformed("This proof is more than a day old", path="$.nonce", next_step="Begin the enrolment again.")
    expected = _fields(person, found.use, found.replaces, nonce)
    for name, value in found.given().items():
        if expected[name] != value:
            raise KeyMalformed("The proof names something else than was asked for", path=f"$.{name}")


def _fields(person: Person, use: KeyUse, replaces: str | None, nonce: bytes) -> JSONObject:
    founded = founding()
    return fields_for(
        origin=stream(*GOVERNANCE).origin,
        genesis=founded.genesis if founded else None,
        person=str(person.public_id),
        name=person.display_name,
        use=use,
        replaces=replaces,
        nonce=nonce,
    )


def _nonce(key: bytes, person: Person, use: KeyUse, at: int) -> bytes:
    time = at.to_bytes(TIME_BYTES, "big")
    return time + hmac.digest(key, person.public_id.bytes + use.value.encode() + time, sha256().name)[:TAG_BYTES]
