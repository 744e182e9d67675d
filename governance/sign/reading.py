"""Statements as they come from the portal, and what has to hold before one is shown to be signed.

Guarantees that only bytes are believed: the payload type is the one of the verb inside, a short code that a server
tells is compared, and a policy's text has the digest that the statement names.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from governance.change.core.native import Artefact, Declared, bound
from governance.change.core.statement import MOST_BYTES, Statement, parsed
from governance.change.core.verbs import Verb, verb_of
from governance.sign.errors import CodeDiffers, FileUnusable, PayloadTypeWrong
from ledger.core import strict_base64
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import JSONInvalid

MOST_FILE_BYTES: Final = 4 * MOST_BYTES
_ANSWER: Final = frozenset({"payload_type", "statement"})
POSSESSION: Final = (Verb.ENROL_KEY, Verb.ROTATE_KEY)
UNTYPED: Final = frozenset({"low", "medium", "emergency"})
"""Tiers in which the passphrase alone is asked for; every other, and an unknown one, asks for the code as well."""


@dataclass(frozen=True, slots=True)
class Received:
    """A statement, the payload type under which it is signed, and the native artefacts that its change lists."""

    statement: Statement
    payload_type: str
    native: tuple[tuple[Declared, Artefact], ...] = ()
    native_kid: str = ""

    @property
    def to_sign_natively(self) -> tuple[Artefact, ...]:
        """Those that the native key of this signer signs in the same gesture."""
        return tuple(made for listed, made in self.native if listed.is_signed_with(self.statement.verb))


def read_statement(data: bytes) -> Received:
    """Read the portal's answer (`payload_type`, `statement`), or the statement's own bytes.

    Raises StatementMalformed, PayloadTypeWrong, CodeDiffers or FileUnusable.
    """
    if len(data) > MOST_FILE_BYTES:
        raise FileUnusable("A file with a statement is smaller than this", why=f"{len(data):,} bytes")
    answer = _answer_in(data)
    if answer is None:
        return with_native(parsed(data.removesuffix(b"\n")), None)
    found = received(_bytes_in(answer), str(answer["payload_type"]), str(answer.get("code") or ""))
    return with_native(found.statement, answer.get("native"))


def with_native(statement: Statement, native: JSON) -> Received:
    """The statement with what came beside it, held against its body; raises NativeMissing, NativeDiffers or
    NativeMalformed, and FileUnusable for what is none.
    """
    rows = native.get("artefacts") if isinstance(native, dict) else None
    kid = native.get("kid") if isinstance(native, dict) else None
    if native is not None and not isinstance(rows, list):
        raise FileUnusable("What came beside the statement are no artefacts", path="native")
    given = [_artefact_in(row) for row in rows] if isinstance(rows, list) else []
    body = statement.fields["change"]
    found = bound(_object(_object(body)["body"]), statement.verb, given)
    return Received(statement, statement.verb.payload_type, found, kid if isinstance(kid, str) else "")


def received(raw: bytes, payload_type: str, code: str = "") -> Received:
    """Check a statement against the payload type it came with, and against a short code told beside it."""
    if verb_of(payload_type) is None:
        raise PayloadTypeWrong("No statement is signed under this payload type", why=ascii(payload_type[:120]))
    statement = parsed(raw)
    if statement.verb.payload_type != payload_type:
        raise PayloadTypeWrong(
            "The payload type is another verb's", why=f"{statement.verb.value!r} inside, {payload_type} outside"
        )
    if code and code != statement.code:
        raise CodeDiffers("The short code told beside the statement is not the code of its bytes", why=statement.code)
    return Received(statement, payload_type)


def tier_of(statement: Statement) -> str:
    """How much rests on the change, in the rule's own word; '' where the rule has none."""
    policy = statement.fields["policy"]
    rule = policy["rule"] if isinstance(policy, dict) else None
    tier = rule.get("tier") if isinstance(rule, dict) else None
    return tier if isinstance(tier, str) else ""


def code_is_asked(statement: Statement) -> bool:
    """Whether the short code must be typed: HIGH, CRITICAL, and whatever tier is not known here."""
    return tier_of(statement) not in UNTYPED and not is_possession(statement)


def is_possession(statement: Statement) -> bool:
    """Whether it proves that a key is held and nothing else: it falls under no rule, since it decides nothing."""
    policy = statement.fields["policy"]
    return statement.verb in POSSESSION and isinstance(policy, dict) and policy["rule"] == {}


def digest_of_bytes(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _answer_in(data: bytes) -> JSONObject | None:
    try:
        value: JSON = parse(data)
    except JSONInvalid:
        return None
    return value if isinstance(value, dict) and value.keys() >= _ANSWER else None


def _bytes_in(answer: JSONObject) -> bytes:
    return _decoded(str(answer["statement"]), "statement")


def _artefact_in(row: JSON) -> tuple[str, bytes]:
    fields = _object(row)
    return str(fields.get("kind")), _decoded(str(fields.get("payload")), "native")


def _decoded(text: str, path: str) -> bytes:
    try:
        return strict_base64.decode(text)
    except ValueError as error:
        raise FileUnusable(f"The {path} is not in base64", why=str(error), path=path) from error


def _object(value: JSON) -> JSONObject:
    if not isinstance(value, dict):
        raise FileUnusable("What came beside the statement are no artefacts", path="native")
    return value
