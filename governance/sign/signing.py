"""One statement, one key, one signature; and the check of an envelope that somebody else made.

Guarantees that the bytes signed are the bytes received, that the key is the one the statement names (person, and
kid over use, origin and public key), and that a signature verifies before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from governance.change.core.native import Artefact, NativeMade, check_made, declarations, fixed_form, full_form
from governance.change.core.native_forms import NULLSPEC
from governance.change.core.statement import Statement
from governance.change.core.verbs import Verb
from governance.change.errors import NativeDiffers, NativeKeyMissing, NativeMissing
from governance.sign.errors import EnvelopeWrong, KeyDiffers, WindowClosed
from governance.sign.keyfile import KeyFile, unwrap
from governance.sign.reading import POSSESSION, Received, received
from ledger.core import ed25519
from ledger.core.canonical import canonical
from ledger.core.dsse import Envelope, parse_envelope, sign_envelope, signed_by
from ledger.core.keys import kid_of
from ledger.core.strict_base64 import decode, encode
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import JSONInvalid


def check_key(statement: Statement, key: KeyFile) -> None:
    """Raises KeyDiffers unless the statement asks for exactly this key of exactly this person."""
    fields: dict[str, Any] = statement.fields
    kid = kid_of(key.use, fields["deployment"]["origin"], key.public)
    for name, found, wanted in (
        ("person", key.person, fields["signer"]["person"]),
        ("key", key.kid, fields["signer"]["key"]),
        ("kid", kid, key.kid),
        ("use", key.use, _use_of(fields)),
    ):
        if found != wanted:
            raise KeyDiffers("This key does not sign this statement", why=f"{name}: {found!r}, not {wanted!r}")


def _use_of(fields: dict[str, Any]) -> str:
    """Decisions; a new native key proves itself with a statement of its own."""
    proves = Verb(fields["verb"]) in POSSESSION and fields["change"]["body"].get("use") == "native"
    return "native" if proves else "decision"


def check_native_key(what: Received, key: KeyFile | None) -> KeyFile | None:
    """The native key that signs beside the statement, None where nothing is; raises NativeKeyMissing or KeyDiffers."""
    if not what.to_sign_natively:
        return None
    if key is None:
        raise NativeKeyMissing("The change lists artefacts that your native key signs in the same gesture")
    fields: dict[str, Any] = what.statement.fields
    kid = kid_of("native", fields["deployment"]["origin"], key.public)
    wanted = (("person", key.person, fields["signer"]["person"]), ("kid", kid, key.kid), ("use", key.use, "native"))
    for name, found, asked in (*wanted, ("key", key.kid, what.native_kid or key.kid)):
        if found != asked:
            raise KeyDiffers("This native key does not sign here", why=f"{name}: {found!r}, not {asked!r}")
    return key


def sign_natively(what: Received, key: KeyFile, passphrase: str) -> JSONObject:
    """The native signatures in the order of the change's list: `kid` and `artefacts`; raises PassphraseWrong."""
    private = unwrap(key, passphrase)
    rows: list[JSON] = [
        _made(one, key.public, lambda data: private.sign(data).signature) for one in what.to_sign_natively
    ]
    return {"kid": key.kid, "artefacts": rows}


def _made(artefact: Artefact, public: bytes, by: Callable[[bytes], bytes]) -> JSONObject:
    signature = by(artefact.to_sign)
    full = full_form(artefact.payload, signature) if artefact.kind == NULLSPEC else None
    detached = by(full) if full is not None else None
    check_made(NativeMade(artefact.kind, artefact.payload, signature, detached, public))
    return {
        "kind": artefact.kind, "payload": encode(artefact.payload), "signature": encode(signature),
        "detached": encode(detached) if detached is not None else None,
    }  # fmt: skip


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


def answer_in(data: bytes) -> tuple[bytes, JSONObject | None]:
    """The envelope of a file and the native signatures beside it; a file that is no answer is an envelope."""
    try:
        value = parse(data)
    except JSONInvalid:
        return data, None
    if not isinstance(value, dict) or value.keys() != {"assertion", "envelope", "native"}:
        return data, None
    native = value["native"]
    return canonical(value["envelope"]), native if isinstance(native, dict) else None


def check_answer(statement: Statement, native: JSONObject, public: bytes) -> int:
    """How many artefacts are signed: those that the statement lists for its verb, all of them, by this key.

    Raises NativeMissing, NativeDiffers or NativeMalformed.
    """
    fields: dict[str, Any] = statement.fields
    asked = [one for one in declarations(fields["change"]["body"]) if one.is_signed_with(statement.verb)]
    rows: Any = native.get("artefacts")
    if not isinstance(rows, list) or len(rows) != len(asked):
        raise NativeMissing("Not every artefact of the change was signed", why=f"{len(asked)} are listed")
    for listed, row in zip(asked, rows, strict=True):
        check_made(made := _read_made(row, public))
        if made.kind != listed.kind or not listed.names(fixed_form(made.kind, made.payload)):
            raise NativeDiffers("An artefact is not the one that the change lists", why=listed.kind)
    return len(rows)


def _read_made(row: Any, public: bytes) -> NativeMade:
    try:
        detached = None if row["detached"] is None else decode(row["detached"])
        return NativeMade(str(row["kind"]), decode(row["payload"]), decode(row["signature"]), detached, public)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NativeDiffers("Kind, payload, signature and detached are expected", why=str(error)[:80]) from error
