"""What each command does: files in, a result as an object and as words out."""

from __future__ import annotations

import secrets
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from governance.change.core.statement import CODE_WORDS, Statement, digest_of
from governance.sign import files, terminal
from governance.sign.errors import ArgumentsWrong, EnvelopeWrong, KeyDiffers
from governance.sign.keyfile import NONCE_BYTES, SALT_BYTES, SEED_BYTES, KeyFile, Whose, read_key, wrap
from governance.sign.policy_text import check_policy
from governance.sign.reading import Received, read_statement
from governance.sign.signing import (
    answer_in,
    check_answer,
    check_key,
    check_native_key,
    check_signature,
    check_window,
    read_envelope,
    sign,
    sign_natively,
)
from governance.sign.telling import asked_words, suspects, told
from governance.sign.telling_native import facts_of, told_natively
from ledger.core import ed25519
from ledger.core.canonical import canonical
from ledger.core.keys import PUBLIC_BYTES, decode_base64, kid_of
from ledger.core.short_words import spoken

Result: TypeAlias = tuple[dict[str, Any], str]


def key_new(arguments: Namespace) -> Result:
    """Make a key; the private half is never shown."""
    whose = Whose(arguments.person, arguments.origin, arguments.use, arguments.custody)
    phrase = terminal.new_passphrase(arguments.passphrase_file)
    key = wrap(
        secrets.token_bytes(SEED_BYTES), phrase, whose,
        salt=secrets.token_bytes(SALT_BYTES), nonce=secrets.token_bytes(NONCE_BYTES),
    )  # fmt: skip
    files.write_new(arguments.out, key.to_bytes(), files.PRIVATE)
    fields = {**_of_key(key), "out": arguments.out}
    return fields, f"{_words_of_key(key)}\nwritten to {arguments.out}; keep a copy of it on another disk"


def key_show(arguments: Namespace) -> Result:
    """Whose key a file holds."""
    key = read_key(files.read(arguments.key))
    return _of_key(key), _words_of_key(key)


def render(arguments: Namespace) -> Result:
    """A statement as text."""
    received = _statement(arguments)
    return _of_statement(received), _told(received)


def make_signature(arguments: Namespace) -> Result:
    """Show, ask, sign: one statement a run."""
    received, key = _statement(arguments), read_key(files.read(arguments.key))
    native = check_native_key(received, read_key(files.read(arguments.native_key)) if arguments.native_key else None)
    check_key(received.statement, key)
    check_window(received.statement, datetime.now(UTC))
    if not arguments.json:
        terminal.show(_told(received))
    if asked := asked_words(received.statement):
        terminal.check_code(received.statement.code, arguments.code, asked)
    files.write_new(arguments.out, _signed(received, key, native, arguments) + b"\n", files.SHARED)
    told_of = {
        **_of_statement(received),
        "kid": key.kid,
        "native_kid": native.kid if native else "",
        "out": arguments.out,
    }
    return told_of, f"signed; written to {arguments.out}"


def _signed(received: Received, key: KeyFile, native: KeyFile | None, arguments: Namespace) -> bytes:
    """The envelope, or with native signatures beside it the answer that the page of the change takes as a whole."""
    phrase = terminal.passphrase(arguments.passphrase_file)
    envelope = sign(received, key, phrase)
    if native is None:
        return envelope.to_bytes()
    other = terminal.passphrase(arguments.native_passphrase_file) if arguments.native_passphrase_file else phrase
    made = sign_natively(received, native, other)
    return canonical({"assertion": None, "envelope": envelope.to_json(), "native": made})


def _told(received: Received) -> str:
    return told(received.statement, told_natively(received))


def verify(arguments: Namespace) -> Result:
    """Check an envelope, whoever made it."""
    raw, native = answer_in(files.read(arguments.file))
    envelope, received = read_envelope(raw)
    public = _public(arguments)
    _check_named(received.statement, public)
    check_signature(envelope, public)
    if arguments.statement and read_statement(files.read(arguments.statement)).statement.raw != envelope.payload:
        raise EnvelopeWrong("The envelope holds another statement than the file", path=arguments.statement)
    checked = check_answer(received.statement, native, _native_public(arguments)) if native is not None else 0
    fields = {**_of_statement(received), "public": arguments.public or "", "verified": True, "native_verified": checked}
    beside = f", and {checked} native signed beside it" if checked else ""
    return fields, f"{told(received.statement)}verified: one signature of the key that the statement names{beside}"


def _native_public(arguments: Namespace) -> bytes:
    """The native key's public half; raises ArgumentsWrong where neither form of it was given."""
    if arguments.native_key:
        return read_key(files.read(arguments.native_key)).public
    if not arguments.native_public:
        raise ArgumentsWrong(
            "The file holds native signatures", next_step="Give --native-key FILE or --native-public BASE64."
        )
    return decode_base64(arguments.native_public, PUBLIC_BYTES)


def _statement(arguments: Namespace) -> Received:
    received = read_statement(files.read(arguments.file))
    if arguments.policy:
        check_policy(received.statement, files.read(arguments.policy))
    return received


def _public(arguments: Namespace) -> bytes:
    if arguments.key:
        return read_key(files.read(arguments.key)).public
    public = decode_base64(arguments.public, PUBLIC_BYTES)
    ed25519.check_public(public)
    return public


def _check_named(statement: Statement, public: bytes) -> None:
    fields: dict[str, Any] = statement.fields
    kid = kid_of("decision", fields["deployment"]["origin"], public)
    if kid != fields["signer"]["key"]:
        raise KeyDiffers("The statement names another key", why=f"{fields['signer']['key']}, not {kid}")


def _of_statement(received: Received) -> dict[str, Any]:
    statement = received.statement
    return {
        "payload_type": received.payload_type, "verb": statement.verb.value, "code": statement.code,
        "suspicious": suspects(statement), "statement": statement.fields, "native": facts_of(received),
    }  # fmt: skip


def _of_key(key: KeyFile) -> dict[str, Any]:
    names = ("kid", "public", "use", "custody", "person")
    return {**{name: key.fields[name] for name in names}, "words": fingerprint(str(key.fields["public"]))}


def fingerprint(public: str) -> str:
    """Six words of a public key (in base64), the same wherever it is shown; to be compared aloud."""
    return spoken(bytes.fromhex(digest_of({"public": public})), CODE_WORDS)


def _words_of_key(key: KeyFile) -> str:
    rows = {**_of_key(key), "custody": f"{key.custody} (declared)"}
    return "\n".join(f"{name}: {value}" for name, value in rows.items())


COMMANDS: Final[dict[str, Callable[[Namespace], Result]]] = {
    "key new": key_new, "key show": key_show, "render": render, "sign": make_signature, "verify": verify,
}  # fmt: skip
