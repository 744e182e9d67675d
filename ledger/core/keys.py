"""Keys that a log delegates in its own leaves: one use, one origin each.

No key serves two uses or two origins, so the identifier of a key (`kid`) is derived from all three:
SHA-256("countersign/kid/1" 0 use 0 origin 0 public)[:16]. The `kid` is a hint; trust comes from the public
key in the leaf. Log keys travel as C2SP verifier keys (c2sp.org/signed-note), not in this form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

Use: TypeAlias = Literal["receipt", "export"]
USES: frozenset[str] = frozenset({"receipt", "export"})
ED25519: Final = "ed25519"
MLDSA44: Final = "ml-dsa-44"
"""Algorithms of log keys, as the server names them; a verifier key carries its own type byte."""
PUBLIC_BYTES = 32
KID_BYTES = 16


def kid_of(use: str, origin: str, public: bytes) -> str:
    """Identifier of a key: 32 hex digits bound to its use (`checkpoint`, `receipt`, `export`) and origin."""
    parts = (b"countersign/kid/1", use.encode(), origin.encode(), public)
    return hashlib.sha256(b"\0".join(parts)).digest()[:KID_BYTES].hex()


@dataclass(frozen=True, slots=True)
class DelegatedKey:
    """An Ed25519 public key which the log allows to sign receipts or export manifests."""

    use: Use
    public: bytes
    kid: str

    @classmethod
    def of(cls, use: Use, origin: str, public: bytes) -> DelegatedKey:
        """Name a 32-byte Ed25519 `public` key for one use under one origin."""
        return cls(use, public, kid_of(use, origin, public))

    def to_json(self) -> JSONObject:
        """The form in which it stands in `genesis` and `key` leaves."""
        public = base64.b64encode(self.public).decode()
        return {"alg": "ed25519", "kid": self.kid, "public": public, "use": self.use}

    @classmethod
    def from_json(cls, value: JSON, origin: str) -> DelegatedKey:
        """Read a key of the log `origin`; raises LeafSchema when a field or the kid is off."""
        if not isinstance(value, dict) or set(value) != {"alg", "kid", "public", "use"}:
            raise LeafSchema("A delegated key needs exactly alg, kid, public and use")
        if value["alg"] != "ed25519" or value["use"] not in USES:
            raise LeafSchema("A delegated key has an unknown algorithm or use", why=repr(value))
        key = cls.of(cast("Use", value["use"]), origin, decode_base64(value["public"], PUBLIC_BYTES))
        if key.kid != value["kid"]:
            raise LeafSchema("A delegated key's kid is not derived from its use, origin and bytes")
        return key


def decode_base64(value: JSON, size: int | None = None) -> bytes:
    """Strict standard base64 (padding, no stray characters, canonical tail bits); raises LeafSchema."""
    if not isinstance(value, str) or not value.isascii():
        raise LeafSchema("Base64 is expected", why=repr(value))
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise LeafSchema("Base64 is malformed", why=str(error)) from error
    if base64.b64encode(data).decode() != value or (size is not None and len(data) != size):
        raise LeafSchema("Base64 has the wrong length or tail bits", why=f"{len(data)} bytes")
    return data
