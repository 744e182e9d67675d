"""DSSE envelopes: typed bytes with signatures, and only the verified bytes handed on.

Guarantees that a signature covers payload type and payload together (PAE with byte lengths), that key IDs are
hints and nothing more, and that one public key counts once however often it signed or is named. Follows DSSE
1.0.2 (protocol.md, envelope.md). Ed25519 only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.core import ed25519, strict_base64, strict_json
from ledger.core.canonical import canonical
from ledger.core.types import JSON, JSONObject
from ledger.errors import EnvelopeMalformed, EnvelopeSignatureWrong

MAX_SIGNATURES: Final = 100


@dataclass(slots=True, unsafe_hash=True)
class Signature:
    """Raw signature bytes and an unauthenticated hint at the key ('' where there is none)."""

    sig: bytes
    keyid: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type and 1 to 100 signatures, none verified yet: read it by `verified_payload`."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        """Refuse what could not be read back: EnvelopeMalformed."""
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise EnvelopeMalformed("An envelope needs 1 to 100 signatures", path="$.signatures")
        if not self.payload_type.isascii():
            _check_unicode(self.payload_type)
        for one in self.signatures:
            if not one.keyid.isascii():
                _check_unicode(one.keyid)

    def to_json(self) -> JSONObject:
        """Write the envelope as a JSON object, in standard base64."""
        rows: list[JSON] = [_row(one) for one in self.signatures]
        payload = strict_base64.encode(self.payload)
        return {"payload": payload, "payloadType": self.payload_type, "signatures": rows}

    def to_bytes(self) -> bytes:
        """Write the envelope as its RFC 8785 bytes."""
        return canonical(self.to_json())

    def with_signature(self, keyid: str, sign: Callable[[bytes], bytes]) -> Envelope:
        """Return the same envelope with one more signature made by `sign` over the PAE."""
        sig = sign(pae(self.payload_type, self.payload))
        return Envelope(self.payload, self.payload_type, (*self.signatures, Signature(sig, keyid)))


def pae(payload_type: str, body: bytes) -> bytes:
    """Return the bytes that are signed; lengths count bytes (protocol.md, "Signature definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def sign_envelope(payload_type: str, payload: bytes, keyid: str, sign: Callable[[bytes], bytes]) -> Envelope:
    """Make an envelope with one signature; `sign` turns the PAE into raw signature bytes."""
    return Envelope(payload, payload_type, (Signature(sign(pae(payload_type, payload)), keyid),))


def parse_envelope(data: bytes | JSONObject) -> Envelope:
    """Read an envelope from JSON bytes or from an object already parsed strictly.

    Raises JSONInvalid or EnvelopeMalformed with the JSON path. Unknown fields are ignored, as envelope.md
    demands.
    """
    value = strict_json.parse(data) if isinstance(data, bytes) else data
    fields = _object(value, "$")
    rows = fields.get("signatures")
    if not isinstance(rows, list):
        raise EnvelopeMalformed("An envelope needs a list of signatures", path="$.signatures")
    if len(rows) > MAX_SIGNATURES:
        raise EnvelopeMalformed("An envelope has more than 100 signatures", path="$.signatures")
    signatures = tuple(_signature(row, f"$.signatures[{number}]") for number, row in enumerate(rows))
    return Envelope(_bytes(fields, "payload", "$"), _text(fields, "payloadType", "$"), signatures)


def signed_by(envelope: Envelope, keys: Mapping[str, bytes]) -> list[str]:
    """Return the IDs in `keys` (ID to 32-byte Ed25519 public key) that signed, in the order of `keys`.

    Signatures that verify under none of them are ignored. A public key under two IDs is returned once.
    """
    message = pae(envelope.payload_type, envelope.payload)
    signers: dict[bytes, str] = {}
    for keyid, public in keys.items():
        if public not in signers and any(ed25519.verify(public, message, one) for one in _tries(envelope, keyid)):
            signers[public] = keyid
    return list(signers.values())


def verified_payload(envelope: Envelope, keys: Mapping[str, bytes], payload_type: str, threshold: int = 1) -> bytes:
    """Return the payload that at least `threshold` different keys of `keys` signed as `payload_type`.

    Raises EnvelopeMalformed for another type, EnvelopeSignatureWrong for too few signers. Parse what is
    returned, never the envelope again.
    """
    if envelope.payload_type != payload_type:
        raise EnvelopeMalformed("An envelope has another payload type", why=ascii(envelope.payload_type[:200]))
    if threshold < 1:
        raise ValueError("a threshold below 1 verifies nothing")
    signers = signed_by(envelope, keys)
    if len(signers) < threshold:
        raise EnvelopeSignatureWrong("Too few known keys signed", why=f"{len(signers)} of {threshold} needed")
    return envelope.payload


def _tries(envelope: Envelope, keyid: str) -> list[bytes]:
    """All signatures, those that hint at `keyid` first."""
    return [one.sig for one in sorted(envelope.signatures, key=lambda one: one.keyid != keyid)]


def _row(signature: Signature) -> JSONObject:
    hint: JSONObject = {"keyid": signature.keyid} if signature.keyid else {}
    return {**hint, "sig": strict_base64.encode(signature.sig)}


def _signature(row: JSON, path: str) -> Signature:
    fields = _object(row, path)
    keyid = _text(fields, "keyid", path) if "keyid" in fields else ""
    return Signature(_bytes(fields, "sig", path), keyid)


def _object(value: JSON, path: str) -> JSONObject:
    if not isinstance(value, dict):
        raise EnvelopeMalformed("An object is expected", path=path)
    return value


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise EnvelopeMalformed("A payload type or key ID has a lone surrogate", why=str(error)) from error


def _text(fields: JSONObject, name: str, path: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise EnvelopeMalformed("A string is expected", path=f"{path}.{name}")
    return value


def _bytes(fields: JSONObject, name: str, path: str) -> bytes:
    try:
        return strict_base64.decode_either(_text(fields, name, path))
    except ValueError as error:
        raise EnvelopeMalformed("Base64 is malformed", why=str(error), path=f"{path}.{name}") from error
