"""One secret of 32 bytes from which every password, TOTP secret and token of the demo is derived.

Derived instead of drawn, so that a seed that was interrupted goes on with the same ones. Nothing but the demo
uses it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

SECRET_BYTES = 32
_PASSWORD_BYTES = 10
_TOTP_BYTES = 20


@dataclass(frozen=True)
class DemoSecret:
    """Everything secret in the demo, from `root` (32 bytes)."""

    root: bytes = field(repr=False)

    def password(self, email: str) -> str:
        """80 bits in four groups of lowercase base32."""
        text = base64.b32encode(self._derive("password", email)[:_PASSWORD_BYTES]).decode().lower()
        return "-".join(text[at : at + 4] for at in range(0, len(text), 4))

    def totp(self, email: str) -> bytes:
        """The 20 bytes of RFC 6238 with SHA-1."""
        return self._derive("totp", email)[:_TOTP_BYTES]

    def signing_key(self, email: str) -> bytes:
        """The 32-byte seed of somebody's Ed25519 decision key."""
        return self._derive("signing key", email)

    def native_key(self, email: str) -> bytes:
        """The 32-byte seed of somebody's Ed25519 native key."""
        return self._derive("native key", email)

    def token(self, namespace: str) -> bytes:
        """The 32 secret bytes of the namespace's system key."""
        return self._derive("token", namespace)

    def pseudonyms(self) -> bytes:
        """The key under which authors of commits get their pseudonyms."""
        return self._derive("pseudonyms", "")

    def _derive(self, use: str, name: str) -> bytes:
        return hmac.digest(self.root, f"countersign/demo/{use}\0{name}".encode(), hashlib.sha256)


def open_secret(path: Path, fresh: bytes) -> DemoSecret:
    """The secret kept at `path` (mode 0600); `fresh` (32 random bytes) becomes it if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return DemoSecret(bytes.fromhex(path.read_text()))
    with os.fdopen(handle, "w") as file:
        file.write(fresh.hex())
        file.flush()
        os.fsync(file.fileno())
    return DemoSecret(fresh)
