"""The encrypted key file: one form for browser, command line and offline page.

Guarantees a closed form; that nothing but the passphrase opens it (PBKDF2-HMAC-SHA256, AES-256-GCM); that its
header cannot be changed under the wrapped key (RFC 8785 bytes of the header are the associated data); and that the
public key in the header is the private key's own. Follows the governance reference, 2.3.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.signing import SigningKey

from governance.sign.errors import KeyDiffers, KeyFileMalformed, PassphraseWrong
from ledger.core import ed25519, strict_base64
from ledger.core.canonical import canonical
from ledger.core.fields import Schema, base64_of, check_fields, closed, number, one_of, text
from ledger.core.keys import kid_of
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

VERSION: Final = "countersign-key/1"
ITERATIONS: Final = 600_000
MOST_ITERATIONS: Final = 10_000_000
SALT_BYTES, NONCE_BYTES, SEED_BYTES, TAG_BYTES = 16, 12, 32, 16
USES: Final = ("decision", "native")
CUSTODIES: Final = ("offline", "passkey", "passphrase", "demo")
OFFLINE: Final = "offline"
_PKCS8: Final = bytes.fromhex("302e020100300506032b657004220420")
"""All that stands before the 32-byte seed in the PKCS#8 form of an Ed25519 key (RFC 8410, section 7)."""

HEADER: Final[Schema] = {
    "v": one_of(VERSION),
    "kid": text(32, least=32),
    "public": base64_of(32),
    "use": one_of(*USES),
    "custody": one_of(*CUSTODIES),
    "person": text(255),
    "kdf": closed({
        "name": one_of("pbkdf2-hmac-sha256"),
        "iterations": number(ITERATIONS, MOST_ITERATIONS),
        "salt": base64_of(SALT_BYTES),
    }),
    "cipher": closed({"name": one_of("aes-256-gcm"), "nonce": base64_of(NONCE_BYTES)}),
}  # fmt: skip
SCHEMA: Final[Schema] = {**HEADER, "wrapped": base64_of(len(_PKCS8) + SEED_BYTES + TAG_BYTES)}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose key it is, for what, and where it is kept; `origin` is that of the log of decisions."""

    person: str
    origin: str
    use: str = "decision"
    custody: str = OFFLINE


@dataclass(frozen=True, slots=True)
class KeyFile:
    """An encrypted key, as read; its fields are those of the file."""

    fields: JSONObject

    @property
    def kid(self) -> str:
        """Identifier: 32 hex digits over use, origin and public key."""
        return str(self.fields["kid"])

    @property
    def person(self) -> str:
        """Immutable id of the person."""
        return str(self.fields["person"])

    @property
    def use(self) -> str:
        """`decision` or `native`."""
        return str(self.fields["use"])

    @property
    def custody(self) -> str:
        """Where it is kept, as declared when it was made."""
        return str(self.fields["custody"])

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return strict_base64.decode(str(self.fields["public"]))

    def to_bytes(self) -> bytes:
        """The file: RFC 8785 bytes and a newline."""
        return canonical(self.fields) + b"\n"


def read_key(data: bytes) -> KeyFile:
    """Read a key file; raises KeyFileMalformed with the path of the culprit."""
    try:
        fields = parse(data)
        if not isinstance(fields, dict):
            raise KeyFileMalformed("A key file is an object")
        check_fields(fields, SCHEMA)
        ed25519.check_public(strict_base64.decode(str(fields["public"])))
    except LedgerError as error:
        raise KeyFileMalformed("This is not an encrypted key file", why=str(error), path=error.path) from error
    return KeyFile(fields)


def wrap(seed: bytes, passphrase: str, whose: Whose, *, salt: bytes, nonce: bytes) -> KeyFile:
    """Encrypt a 32-byte Ed25519 seed; `salt` (16 bytes) and `nonce` (12 bytes) are fresh random bytes."""
    public = bytes(SigningKey(seed).verify_key)
    header: JSONObject = {
        "v": VERSION, "kid": kid_of(whose.use, whose.origin, public), "public": strict_base64.encode(public),
        "use": whose.use, "custody": whose.custody, "person": whose.person,
        "kdf": {"name": "pbkdf2-hmac-sha256", "iterations": ITERATIONS, "salt": strict_base64.encode(salt)},
        "cipher": {"name": "aes-256-gcm", "nonce": strict_base64.encode(nonce)},
    }  # fmt: skip
    wrapped = AESGCM(_derived(header, passphrase)).encrypt(nonce, _PKCS8 + seed, canonical(header))
    return read_key(canonical({**header, "wrapped": strict_base64.encode(wrapped)}))


def unwrap(key: KeyFile, passphrase: str) -> SigningKey:
    """The private key, for one signature; raises PassphraseWrong, or KeyDiffers where the header names another."""
    header: JSONObject = {name: value for name, value in key.fields.items() if name != "wrapped"}
    cipher = cast("dict[str, str]", header["cipher"])
    try:
        opened = AESGCM(_derived(header, passphrase)).decrypt(
            strict_base64.decode(cipher["nonce"]), strict_base64.decode(str(key.fields["wrapped"])), canonical(header)
        )
    except InvalidTag as error:
        raise PassphraseWrong("The key does not open with this passphrase") from error
    if not opened.startswith(_PKCS8):
        raise KeyFileMalformed("The wrapped bytes are no Ed25519 key in PKCS#8", path="wrapped")
    private = SigningKey(opened.removeprefix(_PKCS8))
    if bytes(private.verify_key) != key.public:
        raise KeyDiffers("The wrapped key is not the one whose public key the file shows", path="public")
    return private


def _derived(header: JSONObject, passphrase: str) -> bytes:
    """The 32-byte key that wraps."""
    kdf = cast("dict[str, JSON]", header["kdf"])
    salt = strict_base64.decode(str(kdf["salt"]))
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, cast("int", kdf["iterations"]), 32)
