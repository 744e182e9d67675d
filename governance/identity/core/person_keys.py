"""Keys of people: what they are for, where they were declared to live, and what is refused as a key at all.

Guarantees that a key has one use, that its id follows from use, origin and bytes, and that no key of small order or
in a non-canonical encoding is named: whoever likes can sign under such a key. Custody is what the holder declared;
nothing attests it. Follows the governance reference, sections 0 (finding 2) and 2.3.
"""

from __future__ import annotations

from enum import StrEnum

from ledger.core.ed25519 import check_public
from ledger.core.keys import kid_of

PUBLIC_BYTES = 32


class KeyUse(StrEnum):
    """A decision key signs DSSE statements; a native key signs the bytes of EvidenceOS."""

    DECISION = "decision"
    NATIVE = "native"

    @property
    def words(self) -> str:
        """What it signs, for people."""
        return "decisions" if self is KeyUse.DECISION else "bytes of EvidenceOS"


class Custody(StrEnum):
    """Where the private key was declared to live; the values are those of the engine's own `Custody`."""

    OFFLINE = "offline"
    PASSKEY = "passkey"
    PASSPHRASE = "passphrase"  # noqa: S105  (the name of a kind of custody)
    DEMO = "demo"

    @property
    def words(self) -> str:
        """For people; pages put "declared" in front."""
        return _WORDS[self]


_WORDS = {
    Custody.OFFLINE: "offline: a key file outside of any browser",
    Custody.PASSKEY: "in the browser, wrapped by a passkey",
    Custody.PASSPHRASE: "in the browser, wrapped by a passphrase",
    Custody.DEMO: "a key file that the demo wrote",
}


class KeyState(StrEnum):
    """A key counts while it is active; it never comes back."""

    PENDING = "pending"
    ACTIVE = "active"
    REVOKED = "revoked"


def decision_kid(use: KeyUse, origin: str, public: bytes) -> str:
    """The id of a person's key (32 hex digits) under the origin of `_governance/changes`.

    Raises WeakKey for bytes that must not serve as an Ed25519 public key.
    """
    check_public(public)
    return kid_of(use.value, origin, public)
