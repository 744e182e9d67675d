"""What the portal asks a new key of a person to sign, and whether a proof answers it.

Guarantees that the nonce is for one person, use and second, without a row: 4 bytes of time and 12 bytes of HMAC-SHA256
under a key derived from the seal key. That a proof is used once follows from the key, which is registered once.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from governance.change.core.possession import LIFE, NOTHING, Asked, proof_in, template
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.statements import newest_head
from governance.identity.core.person_keys import KeyUse
from governance.identity.core.possession import Possession
from governance.identity.errors import KeyMalformed
from governance.identity.models import Person
from governance.identity.selectors.founding import founding
from ledger.core.types import JSONObject
from ledger.storage.sealing import derived, derived_keys

TIME_BYTES = 4
TAG_BYTES = 12
_PURPOSE = b"identity/possession"


def enrolment_fields(person: Person, use: KeyUse, now: datetime, *, replaces: str | None = None) -> JSONObject:
    """The fields that the signing page or the command line completes and signs, good for a day."""
    at = int(now.timestamp())
    return template(_asked(person, use, replaces, _nonce(derived(_PURPOSE), person, use, at), at, newest_head()))


def possession_in(raw: bytes, person: Person, now: datetime) -> Possession:
    """The proof in an envelope that `person` was asked for within the last day; raises KeyMalformed."""
    proof = proof_in(raw)
    at = int.from_bytes(proof.nonce[:TIME_BYTES], "big")
    keys = derived_keys(_PURPOSE)
    if not any(hmac.compare_digest(proof.nonce, _nonce(key, person, proof.use, at)) for key in keys):
        raise KeyMalformed("This proof was not asked for by us, or for somebody else", path="$.nonce")
    if not 0 <= now.timestamp() - at <= LIFE.total_seconds():
        raise KeyMalformed("This proof is more than a day old", path="$.nonce", next_step="Begin the enrolment again.")
    return proof.answers(_asked(person, proof.use, proof.replaces, proof.nonce, at, {}))


def _asked(
    person: Person, use: KeyUse, replaces: str | None, nonce: bytes, at: int, ledger: JSONObject
) -> Asked:  # fmt: skip
    founded = founding()
    return Asked(
        origin=changes_stream().origin,
        genesis=founded.genesis if founded else NOTHING,
        person=person.actor,
        name=person.display_name,
        use=use,
        replaces=replaces,
        nonce=nonce,
        at=datetime.fromtimestamp(at, UTC),
        ledger=ledger,
    )


def _nonce(key: bytes, person: Person, use: KeyUse, at: int) -> bytes:
    time = at.to_bytes(TIME_BYTES, "big")
    return time + hmac.digest(key, person.public_id.bytes + use.value.encode() + time, sha256().name)[:TAG_BYTES]
