"""The statement: everything a person puts their name to, whole, in one form that cannot be read in two ways.

Guarantees a closed schema without floats and without optional fields, RFC 8785 bytes (what is parsed and written
again is the same), NFC text, at most 64 KiB, and digests that follow from what is inside: no digest is believed.
The bytes that are signed are PAE(payload type of the verb, these bytes). Follows the governance reference,
section 6 (I16, I17, I20).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from governance.change.core.characters import is_assigned
from governance.change.core.diff import differences
from governance.change.core.verbs import Verb
from governance.change.errors import StatementMalformed
from ledger.core.canonical import canonical, parse_canonical
from ledger.core.dsse import pae
from ledger.core.fields import Check, Schema, check_fields, closed, hex_hash, index, list_of, nullable, one_of, text
from ledger.core.short_words import spoken
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema, LedgerError

VERSION = "countersign-statement/1"
MOST_BYTES = 65_536
MOST_LINE = 32_768
"""A whole policy is one line of the difference that founds it."""
CODE_WORDS = 6
TEXT = ("change", "deployment", "effect", "policy", "tenant", "window")
"""What of a statement is the same for everybody who signs it."""
FREE = frozenset({"client", "ledger", "nonce"})
"""Fields that the signer chooses; everything else the server builds from its own rows and compares."""

_SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


def _second(value: JSON) -> None:
    if not isinstance(value, str) or _SECOND.fullmatch(value) is None:
        raise LeafSchema("A time in UTC seconds is expected", why=repr(value)[:80])


def _nonce(value: JSON) -> None:
    if not isinstance(value, str) or _NONCE.fullmatch(value) is None:
        raise LeafSchema("16 bytes in base64url are expected", why=repr(value)[:80])


def _object(value: JSON) -> None:
    if not isinstance(value, dict):
        raise LeafSchema("An object is expected", why=repr(value)[:80])


_id: Check = text(255)
_word: Check = text(64)
_difference: Check = closed(
    {"path": text(1024), "old": nullable(text(MOST_LINE, least=0)), "new": nullable(text(MOST_LINE, least=0))}
)
SCHEMA: Schema = {
    "v": one_of(VERSION),
    "verb": one_of(*(verb.value for verb in Verb)),
    "deployment": closed({"origin": _id, "genesis": hex_hash}),
    "tenant": nullable(_id),
    "change": closed({
        "id": _id, "revision": index, "type": _word, "body": _object, "body_digest": hex_hash,
        "reverts": nullable(_id), "contributors": list_of(_id, most=256), "reason": text(4096),
    }),
    "effect": closed({
        "base": _object, "result": _object, "base_state": hex_hash, "result_state": hex_hash,
        "diff": list_of(_difference, most=1024), "direction": one_of("loosens", "neutral", "tightens"),
        "invalidates": list_of(text(1024), most=1024), "way_back": nullable(_object),
    }),
    "policy": closed({"digest": hex_hash, "rule": _object}),
    "ledger": closed({"origin": _id, "size": index, "root": hex_hash}),
    "window": closed({"not_before": _second, "not_after": _second}),
    "signer": closed({"person": _id, "key": _id, "groups": list_of(_id, most=64)}),
    "nonce": _nonce,
    "client": closed({"kind": one_of("browser", "command", "offline"), "bundle": hex_hash}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that holds together; `raw` are its RFC 8785 bytes."""

    raw: bytes
    fields: JSONObject

    @property
    def verb(self) -> Verb:
        """What is said."""
        return Verb(str(self.fields["verb"]))

    @property
    def signed_bytes(self) -> bytes:
        """The DSSE pre-authentication encoding: exactly what a key signs."""
        return pae(self.verb.payload_type, self.raw)

    @property
    def code(self) -> str:
        """Six words of SHA-256 over the signed bytes, the same on page, command line and paper."""
        return spoken(hashlib.sha256(self.signed_bytes).digest(), CODE_WORDS)


def built(fields: JSONObject) -> Statement:
    """Write a statement; raises StatementMalformed where its parts contradict each other."""
    try:
        return parsed(canonical(fields))
    except LedgerError as error:
        raise _malformed(error) from error


def parsed(raw: bytes) -> Statement:
    """Read the bytes that are to be signed, or were; raises StatementMalformed with the path of the culprit."""
    if len(raw) > MOST_BYTES:
        raise StatementMalformed("A statement has at most 64 KiB", why=f"{len(raw):,} bytes")
    try:
        fields = parse_canonical(raw)
        if not isinstance(fields, dict):
            raise StatementMalformed("A statement is an object")
        check_fields(fields, SCHEMA)
    except LedgerError as error:
        raise _malformed(error) from error
    _check_text(fields)
    _check_digests(fields)
    return Statement(raw, fields)


def difference_from(received: Statement, rebuilt: JSONObject) -> str:
    """The first field, in order, where a signed statement is not the one we would have given; '' where none is.

    `nonce`, `client` and `ledger` are the signer's; each has a check of its own.
    """
    for name in sorted(SCHEMA.keys() - FREE):
        if canonical(received.fields[name]) != canonical(rebuilt[name]):
            return name
    return ""


def digest_of(value: JSON) -> str:
    """Hex SHA-256 of a value's RFC 8785 bytes."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _malformed(error: LedgerError) -> StatementMalformed:
    return StatementMalformed("This is not a statement that may be signed", why=str(error), path=error.path)


def _check_text(fields: JSONObject) -> None:
    """No floats, and text in one normal form: what looks the same is the same."""
    for path, value in _leaves_of(fields, "$"):
        if isinstance(value, float):
            raise StatementMalformed("A statement holds no fractions; write them as decimal strings", path=path)
        if isinstance(value, str) and not is_assigned(value):
            raise StatementMalformed("Text holds a character that Unicode 14 does not know", path=path)
        if isinstance(value, str) and not unicodedata.is_normalized("NFC", value):
            raise StatementMalformed("Text must be in Unicode's normal form C", path=path)


def _leaves_of(value: JSON, path: str) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path, name
            yield from _leaves_of(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves_of(inner, f"{path}[{place}]")
    else:
        yield path, value


def _check_digests(fields: JSONObject) -> None:
    change, effect = fields["change"], fields["effect"]
    if not isinstance(change, dict) or not isinstance(effect, dict):  # pragma: no cover  (the schema has said so)
        raise StatementMalformed("Change and effect are objects")
    told = (
        ("change.body_digest", change["body_digest"], digest_of(change["body"])),
        ("effect.base_state", effect["base_state"], digest_of(effect["base"])),
        ("effect.result_state", effect["result_state"], digest_of(effect["result"])),
        ("effect.diff", digest_of(effect["diff"]), digest_of([*differences(effect["base"], effect["result"])])),
    )
    for path, found, wanted in told:
        if found != wanted:
            raise StatementMalformed("A digest or difference does not follow from the statement", path=f"$.{path}")


def same_text(one: Statement, other: Statement) -> bool:
    """Whether two people put their names to the same change, effect, policy and life."""
    return all(canonical(one.fields[name]) == canonical(other.fields[name]) for name in TEXT)
