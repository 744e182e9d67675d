"""A security key in software: what a browser and an authenticator answer together, as WebAuthn writes it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url, encode_cbor

UP, UV, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """An ES256 credential; `origin` is where its browser is, `uv` whether it verifies the person."""

    origin: str = "https://test.localhost"
    rp_id: str = "test.localhost"
    uv: bool = True
    count: int = 0
    aaguid: str = "00000000-0000-0000-0000-000000000000"
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    raw_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        attested = uuid.UUID(self.aaguid).bytes + len(self.raw_id).to_bytes(2, "big") + self.raw_id + self._cose()
        data = self._data(ATTESTED) + attested
        response = {
            "attestationObject": _b64(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "clientDataJSON": _b64(self._client("webauthn.create", options["challenge"])),
            "transports": ["internal"],
        }
        return {**self._named(), "response": response}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        data, client = self._data(0), self._client("webauthn.get", options["challenge"])
        response = {
            "authenticatorData": _b64(data), "clientDataJSON": _b64(client), "userHandle": None,
            "signature": _b64(self._signed(data, client)),
        }  # fmt: skip
        return {**self._named(), "response": response}

    def gesture(self, challenge: bytes) -> dict[str, str]:
        """The answer as the signing page posts it: standard base64."""
        data, client = self._data(0), self._client("webauthn.get", bytes_to_base64url(challenge))
        parts = {
            "id": self.raw_id, "authenticator_data": data, "client_data_json": client,
            "signature": self._signed(data, client),
        }  # fmt: skip
        return {name: _std(value) for name, value in parts.items()}

    def declared(self) -> dict[str, Any]:
        """What the signing page tells of the passkey that opens a key."""
        spki = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {"id": _std(self.raw_id), "public_key": _std(spki), "algorithm": -7, "aaguid": self.aaguid}

    def _signed(self, data: bytes, client: bytes) -> bytes:
        return self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))

    def _named(self) -> dict[str, Any]:
        shown = _b64(self.raw_id)
        return {"id": shown, "rawId": shown, "type": "public-key", "clientExtensionResults": {"credProps": {}}}

    def _data(self, more: int) -> bytes:
        self.count += 1
        flags = UP | (UV if self.uv else 0) | more
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _cose(self) -> bytes:
        point = self.private.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return bytes(encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y}))


def _b64(value: bytes) -> str:
    return bytes_to_base64url(value)


def _std(value: bytes) -> str:
    return base64.b64encode(value).decode()
