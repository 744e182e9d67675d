"""Bearer tokens: `cs_key_<public>_<secret>` of a system key, `cs_pat_<public>_<secret>` of a person.

Guarantees that only the SHA-256 of the 32 random bytes is ever stored, and that comparison takes the same
time whatever differs. The public part is the holder's id in 32 hex digits, the secret URL-safe base64 without
padding.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass
from enum import StrEnum

SECRET_BYTES = 32
_TOKEN = re.compile(r"cs_(key|pat)_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


class TokenKind(StrEnum):
    """Whose token it is."""

    SYSTEM_KEY = "key"
    PERSONAL = "pat"


@dataclass(frozen=True)
class Token:
    """A token as its holder presents it. Its text appears once, when it is made, and in no log."""

    kind: TokenKind
    public_id: uuid.UUID
    secret: bytes

    def __repr__(self) -> str:
        return f"<Token {self.prefix}>"

    @property
    def prefix(self) -> str:
        """The part that may be shown: everything before the secret."""
        return f"cs_{self.kind.value}_{self.public_id.hex}"

    def reveal(self) -> str:
        """The whole token, to be shown to its holder once."""
        return f"{self.prefix}_{base64.urlsafe_b64encode(self.secret).rstrip(b'=').decode()}"

    def digest(self) -> bytes:
        """The SHA-256 of the secret bytes: what is stored."""
        return hashlib.sha256(self.secret).digest()

    def matches(self, digest: bytes | memoryview) -> bool:
        """Whether this token's secret is the one that was stored as `digest`."""
        return hmac.compare_digest(self.digest(), bytes(digest))


def parse_token(text: str) -> Token | None:
    """The token in `text`, or None when it has another form."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    kind, public, secret = found.groups()
    return Token(TokenKind(kind), uuid.UUID(hex=public), base64.urlsafe_b64decode(secret + "="))
