"""Proof of possession: the statement in which a new key says whose it is, what for, and how it is kept.

Guarantees a closed form in RFC 8785 bytes, signed once (DSSE, PAE) under the key that it names and under no other, by
a key that may serve as one (no small order, canonical encoding), with an id that follows from its bytes. The payload
type is that of the verb `enrol-key`; `v` tells it from a statement about a change. Follows the governance reference,
sections 2.3 and 6.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from governance.identity.core.person_keys import PUBLIC_BYTES, Custody, KeyUse, decision_kid
from governance.identity.errors import KeyMalformed
from ledger.core import dsse
from ledger.core.canonical import parse_canonical
from ledger.core.fields import Check, Schema, check_fields, closed, hex_hash, nullable, one_of, text
from ledger.core.keys import decode_base64
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema, LedgerError

VERSION = "countersign-possession/1"
PAYLOAD_TYPE = "application/vnd.countersign.gov.enrol-key.v1+json"
VERB = "enrol-key"
MOST_BYTES = 8_192
NONCE_BYTES = 16

_KID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def _kid(value: JSON) -> None:
    if not isinstance(value, str) or _KID.fullmatch(value) is None:
        raise LeafSchema("32 lower-case hex digits are expected", why=repr(value)[:80])


def _nonce(value: JSON) -> None:
    if not isinstance(value, str) or _NONCE.fullmatch(value) is None:
        raise LeafSchema("16 bytes in base64url are expected", why=repr(value)[:80])


def _public(value: JSON) -> None:
    decode_base64(value, PUBLIC_BYTES)


_id: Check = text(255)
SCHEMA: Schema = {
    "v": one_of(VERSION),
    "verb": one_of(VERB),
    "deployment": closed({"origin": _id, "genesis": nullable(hex_hash)}),
    "person": _id,
    "person_name": text(200),
    "use": one_of(*(one.value for one in KeyUse)),
    "replaces": nullable(_kid),
    "nonce": _nonce,
    "custody": one_of(*(one.value for one in Custody)),
    "public": _public,
    "kid": _kid,
}
GIVEN = frozenset({"v", "verb", "deployment", "person", "person_name", "use", "replaces", "nonce"})
"""Fields that the portal hands to the signer; `custody`, `public` and `kid` are the signer's."""


@dataclass(frozen=True, slots=True)
class Possession:
    """A statement whose signature verifies under `public`; `raw` is the envelope as it was received."""

    raw: bytes
    fields: JSONObject
    public: bytes

    @property
    def kid(self) -> str:
        """The key's id."""
        return str(self.fields["kid"])

    @property
    def use(self) -> KeyUse:
        """What the key is for."""
        return KeyUse(str(self.fields["use"]))

    @property
    def custody(self) -> Custody:
        """Where its holder declares to keep it."""
        return Custody(str(self.fields["custody"]))

    @property
    def replaces(self) -> str | None:
        """The id of the key that ends when this one is activated."""
        return str(self.fields["replaces"]) if self.fields["replaces"] is not None else None

    def given(self) -> JSONObject:
        """The fields that the portal handed over, for comparison."""
        return {name: value for name, value in self.fields.items() if name in GIVEN}


def fields_for(
    *, origin: str, genesis: str | None, person: str, name: str, use: KeyUse, replaces: str | None, nonce: bytes
) -> JSONObject:
    """What the portal hands to the signing page, which adds `custody`, `public` and `kid`."""
    return {
        "v": VERSION,
        "verb": VERB,
        "deployment": {"origin": origin, "genesis": genesis},
        "person": person,
        "person_name": name,
        "use": use.value,
        "replaces": replaces,
        "nonce": base64.urlsafe_b64encode(nonce).rstrip(b"=").decode(),
    }


def proven(raw: bytes) -> Possession:
    """Read and verify an envelope; raises KeyMalformed with the reason, and the path where there is one."""
    if len(raw) > MOST_BYTES:
        raise KeyMalformed("A proof of possession has at most 8 KiB", why=f"{len(raw):,} bytes")
    try:
        envelope = dsse.parse_envelope(raw)
        fields = _fields(envelope)
        public = decode_base64(fields["public"], PUBLIC_BYTES)
        kid = decision_kid(KeyUse(str(fields["use"])), _origin(fields), public)
        if fields["kid"] != kid:
            raise KeyMalformed("The key's id does not follow from use, origin and bytes", path="$.kid")
        dsse.verified_payload(envelope, {kid: public}, PAYLOAD_TYPE)
    except KeyMalformed:
        raise
    except LedgerError as error:
        raise KeyMalformed("This proves no possession of a key", why=str(error), path=error.path) from error
    return Possession(raw, fields, public)


def _fields(envelope: dsse.Envelope) -> JSONObject:
    if envelope.payload_type != PAYLOAD_TYPE or len(envelope.signatures) != 1:
        raise KeyMalformed("One signature over an enrol-key statement is expected", path="$.payloadType")
    fields = parse_canonical(envelope.payload)
    if not isinstance(fields, dict):
        raise KeyMalformed("A proof of possession is an object")
    check_fields(fields, SCHEMA)
    return fields


def _origin(fields: JSONObject) -> str:
    deployment = fields["deployment"]
    return str(deployment["origin"]) if isinstance(deployment, dict) else ""
