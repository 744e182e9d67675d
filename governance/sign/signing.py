"""One statement, one key, one signature; and the check of an envelope that somebody else made.

Guarantees that the bytes signed are the bytes received, that the key is the one the statement names (person, and
kid over use, origin and public key), and that a signature verifies before it leaves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from governance.change.core.statement import Statement
from governance.sign.errors import EnvelopeWrong, KeyDiffers, WindowClosed
from governance.sign.keyfile import KeyFile, unwrap
from governance.sign.reading import Received, received
from ledger.core import ed25519
from ledger.core.canonical import canonical
from ledger.core.dsse import Envelope, parse_envelope, sign_envelope, signed_by
from ledger.core.keys import kid_of


def check_key(statement: Statement, key: KeyFile) -> None:
    """Raises KeyDiffers unless the statement asks for exactly this key of exactly this person."""
    fields: dict[str, Any] = statement.fields
    kid = kid_of(key.use, fields["deployment"]["origin"], key.public)
    for name, found, wanted in (
        ("person", key.person, fields["signer"]["person"]),
        ("key", key.kid, fields["signer"]["key"]),
        ("kid", kid, key.kid),
        ("use", key.use, "decision"),
    ):
        if found != wanted:
            raise KeyDiffers("This key does not sign this statement", why=f"{name}: {found!r}, not {wanted!r}")


def check_window(statement: Statement, now: datetime) -> None:
    """Raises WindowClosed after the statement's last moment; before its first one it may be signed in advance.

    `now` is in UTC; both are spelled alike, so that their order is the order of the texts.
    """
    window: Any = statement.fields["window"]
    if now.strftime("%Y-%m-%dT%H:%M:%SZ") > window["not_after"]:
        raise WindowClosed("The time in which this may be signed is over", why=window["not_after"])


def sign(what: Received, key: KeyFile, passphrase: str) -> Envelope:
    """The envelope with one signature; raises KeyDiffers or PassphraseWrong."""
    check_key(what.statement, key)
    private = unwrap(key, passphrase)
    envelope = sign_envelope(what.payload_type, what.statement.raw, key.kid, lambda data: private.sign(data).signature)
    check_signature(envelope, key.public)
    return envelope


def check_signature(envelope: Envelope, public: bytes) -> None:
    """Raises EnvelopeWrong unless the one signature is this key's, and WeakKey for a key that anybody could forge."""
    ed25519.check_public(public)
    if len(envelope.signatures) != 1 or signed_by(envelope, {"": public}) != [""]:
        raise EnvelopeWrong("The envelope does not carry one signature of this key")


def read_envelope(data: bytes) -> tuple[Envelope, Received]:
    """An envelope in its one form and the statement inside; raises EnvelopeWrong or what the statement raises."""
    envelope = parse_envelope(data.removesuffix(b"\n"))
    if canonical(envelope.to_json()) != data.removesuffix(b"\n"):
        raise EnvelopeWrong("The envelope is not in its one form", why="RFC 8785 and standard base64 are expected")
    return envelope, received(envelope.payload, envelope.payload_type)
