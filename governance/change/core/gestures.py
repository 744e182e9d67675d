"""The gesture of a passkey beside a signed word, read from the record: WebAuthn level 3, section 7.2, as far as the
record shows it.

Guarantees that the gesture was asked for these very bytes (its challenge is the SHA-256 of what the key signed), in a
page of the relying party that it names, with a person verified, and that its counter is the one that is told. The
passkey's own signature over it is not judged: no record holds the passkey's public key. Pure.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, cast

from governance.change.errors import SignatureRefused
from ledger.core.strict_base64 import decode_either
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

_ORIGIN: Final = re.compile(r"https?://([a-z0-9.-]{1,253})(?::[0-9]{1,5})?", re.ASCII)
_TEXTS: Final = ("authenticator_data", "client_data", "credential")
_PARTY_BYTES, _FLAGS_AT, _LEAST_BYTES = 32, 32, 37
_PRESENT_AND_VERIFIED: Final = 0b101
"""UP and UV of the authenticator data's flags (section 6.1)."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """`credential` is the SHA-256 of the passkey's id (hex), `party` its relying party, `count` its counter."""

    credential: str
    party: str
    count: int

    def follows(self, before: int) -> bool:
        """Whether the counter moved on from `before`; passkeys without one tell 0 for ever (section 6.1.1)."""
        return self.count > before or self.count == before == 0


def challenge_of(signed: bytes) -> str:
    """The challenge under which a passkey confirms exactly these bytes: their SHA-256, base64url."""
    return urlsafe_b64encode(hashlib.sha256(signed).digest()).rstrip(b"=").decode()


def gesture_in(assertion: JSON, signed: bytes) -> Gesture:
    """The gesture over exactly `signed` (a DSSE PAE); raises SignatureRefused with what does not fit."""
    told = _told(assertion)
    client, data = _client(_octets(told["client_data"])), _octets(told["authenticator_data"])
    host = _ORIGIN.fullmatch(str(client.get("origin")))
    if len(data) < _LEAST_BYTES or host is None:
        raise SignatureRefused("A passkey's gesture is malformed")
    count = int.from_bytes(data[_FLAGS_AT + 1 : _LEAST_BYTES], "big")
    wrong = {
        "it answers another ceremony": client.get("type") != "webauthn.get",
        "its challenge is not of what was signed": client.get("challenge") != challenge_of(signed),
        "its origin is not of its relying party": data[:_PARTY_BYTES] != hashlib.sha256(host[1].encode()).digest(),
        "nobody was verified": data[_FLAGS_AT] & _PRESENT_AND_VERIFIED != _PRESENT_AND_VERIFIED,
        "its counter is not the one that is told": told["sign_count"] != count,
    }
    if True in wrong.values():
        why = next(words for words, holds in wrong.items() if holds)
        raise SignatureRefused("A passkey's gesture does not fit", why=why)
    return Gesture(str(told["credential"]), host[1], count)


def _told(assertion: JSON) -> JSONObject:
    told = assertion if isinstance(assertion, dict) else {}
    if not all(isinstance(told.get(name), str) for name in _TEXTS) or type(told.get("sign_count")) is not int:
        raise SignatureRefused("A passkey's gesture is malformed")
    return told


def _octets(value: JSON) -> bytes:
    try:
        return decode_either(cast("str", value))
    except ValueError as error:
        raise SignatureRefused("A passkey's gesture is malformed", why=str(error)) from error


def _client(data: bytes) -> JSONObject:
    try:
        value = parse(data)
    except LedgerError as error:
        raise SignatureRefused("A passkey's gesture is malformed", why=error.what) from error
    if not isinstance(value, dict):
        raise SignatureRefused("A passkey's gesture is malformed")
    return value
