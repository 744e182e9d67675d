"""A signed word is heard: from received bytes to a row that may be written, in the order of the reference, section 6.

Guarantees: size cap; one signature in strict base64; the signature over the received bytes under a key of the
session's own person, verified as libsodium does; only then a strict parse whose RFC 8785 form is the bytes
themselves; every field but nonce, head and client equal to what our own rows say; a head that we signed; a nonce
that we issued for exactly this, used once. What is stored are the bytes that came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from governance.change.actions.base import Place
from governance.change.actions.native import heard_beside, stored
from governance.change.core.native import NativeMade
from governance.change.core.people import Approver, Custody
from governance.change.core.quorum import Word as SpokenWord
from governance.change.core.statement import Statement, difference_from, parsed
from governance.change.core.verbs import Verb
from governance.change.errors import (
    EnvelopeRefused,
    KeyRefused,
    NonceRefused,
    RevisionMoved,
    SignatureRefused,
    StatementDiffers,
    StepUpNeeded,
)
from governance.change.models import Change, IssuedStatement, Word
from governance.change.selectors.standing import credential_in, current
from governance.change.selectors.statements import check_head, fields_of
from governance.identity.moment import Moment
from governance.identity.passkeys import verify_signing_gesture
from governance.identity.selectors.people import person_row
from ledger.core import ed25519, strict_base64, strict_json
from ledger.core.dsse import pae
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

MOST_ENVELOPE = 131_072
_KEYS = {"payload", "payloadType", "signatures"}
_SIGNATURE = {"keyid", "sig"}
_SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Received:
    """An envelope taken apart, nothing verified: the bytes as they came, and what they claim."""

    raw: bytes
    payload_type: str
    payload: bytes
    kid: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Beside:
    """What came with an envelope: the proof of presence, and what the native key signed in the same gesture."""

    assertion: JSONObject | None = None
    native: JSONObject | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A verified word that is not written yet: the row to save, and the same as the core counts it."""

    row: Word
    statement: Statement
    native: tuple[NativeMade, ...] = ()

    def spoken(self, index: int, now: int) -> SpokenWord:
        """As the quorum counts it at its index."""
        row = self.row
        passkey = credential_in(row.assertion)
        return SpokenWord(row.person, row.kid, Verb(row.verb), row.revision, index, now, passkey)


def received(data: bytes) -> Received:
    """Take an envelope apart; raises EnvelopeRefused."""
    if len(data) > MOST_ENVELOPE:
        raise EnvelopeRefused("An envelope has at most 128 KiB", why=f"{len(data):,} bytes")
    try:
        value = strict_json.parse(data)
        fields = _exactly(value, _KEYS)
        rows = fields["signatures"]
        if not isinstance(rows, list) or len(rows) != 1:
            raise EnvelopeRefused("An envelope has exactly one signature here")
        row = _exactly(rows[0], _SIGNATURE)
        texts = (fields["payloadType"], fields["payload"], row["keyid"], row["sig"])
        if not all(isinstance(one, str) for one in texts):
            raise EnvelopeRefused("The fields of an envelope are text")
        kind, payload, kid, sig = (str(one) for one in texts)
        return Received(data, kind, strict_base64.decode(payload), kid, strict_base64.decode(sig))
    except EnvelopeRefused:
        raise
    except (LedgerError, ValueError) as error:
        raise EnvelopeRefused("This is no envelope with a signed word", why=str(error)[:200]) from error


def heard(
    row: Change, verb: Verb, given: Received, signer: Approver | None, *, place: Place, at: Moment,
    beside: Beside,
) -> Heard:  # fmt: skip
    """Verify a word and use up its nonce; raises the refusal of the first check that fails, in the order above."""
    if given.payload_type != verb.payload_type:
        raise EnvelopeRefused("The envelope says something else", why=ascii(given.payload_type[:120]))
    _check_signature(given, signer, place.index)
    statement = parsed(given.payload)
    person = cast("Approver", signer)
    issued = _issued(statement, row, verb, person, given.kid, at)
    _check_same(statement, row, verb, person, given.kid)
    check_head(cast("JSONObject", statement.fields["ledger"]), least=issued.size)
    _use_up(issued, at)
    present = _presence(person, given, beside.assertion)
    made = heard_beside(row, current(row), verb, person.person, beside.native, index=place.index, now=place.now)
    word = Word(
        change=row, revision=row.revision, verb=verb.value, person=person.person, kid=given.kid, nonce=issued.nonce,
        envelope=given.raw, statement=given.payload, assertion=present, native=stored(made, beside.native),
        at=place.now,
    )  # fmt: skip
    return Heard(word, statement, made)


def _check_signature(given: Received, signer: Approver | None, index: int) -> None:
    key = signer.key(given.kid) if signer is not None else None
    if key is None:
        raise KeyRefused("This is no key of yours", why=given.kid[:64])
    if not key.lives_at(index):
        raise KeyRefused("This key counts no more", why=given.kid)
    if len(given.signature) != _SIGNATURE_BYTES or ed25519.is_weak(key.public):
        raise SignatureRefused("The signature does not verify")
    if not ed25519.verify(key.public, pae(given.payload_type, given.payload), given.signature):
        raise SignatureRefused("The signature does not verify")


def _issued(
    statement: Statement, row: Change, verb: Verb, signer: Approver, kid: str, at: Moment
) -> IssuedStatement:  # fmt: skip
    found = IssuedStatement.objects.select_for_update().filter(nonce=str(statement.fields["nonce"])).first()
    if found is None or (found.change_id, found.verb, found.person, found.kid) != (
        row.pk, verb.value, signer.person, kid,
    ):  # fmt: skip
        raise NonceRefused("Nobody gave you this statement")
    if found.revision != row.revision:
        raise RevisionMoved("The change was edited since", why=f"signed {found.revision}, it is at {row.revision}")
    if found.consumed is not None:
        raise NonceRefused("This statement was answered before")
    if found.expires < at.now:
        raise NonceRefused("This statement has ended", why=found.expires.isoformat())
    return found


def _check_same(statement: Statement, row: Change, verb: Verb, signer: Approver, kid: str) -> None:
    free = statement.fields
    ours = fields_of(
        row, current(row), verb, signer, kid,
        nonce=str(free["nonce"]), ledger=cast("JSONObject", free["ledger"]),
    )  # fmt: skip
    other = difference_from(statement, ours)
    if other:
        raise StatementDiffers("Signed was something else than what stands here", path=f"$.{other}")


def _use_up(issued: IssuedStatement, at: Moment) -> None:
    used = IssuedStatement.objects.filter(pk=issued.pk, consumed__isnull=True).update(consumed=at.now)
    if used != 1:
        raise NonceRefused("This statement was answered before")


def _presence(signer: Approver, given: Received, assertion: JSONObject | None) -> JSONObject | None:
    """The verified gesture over these very bytes: needed where a passkey opens the key, impossible elsewhere.

    Raises StepUpNeeded, or identity's StepUpRefused for a gesture that is none.
    """
    opened_by_passkey = signer.key(given.kid).custody is Custody.PASSKEY  # type: ignore[union-attr]  # it signed
    if assertion is None and not opened_by_passkey:
        return None
    if assertion is None:
        raise StepUpNeeded("The gesture of the passkey that opens this key is missing")
    who = person_row(signer.person.partition(":")[2])
    return verify_signing_gesture(who, given.kid, assertion, pae(given.payload_type, given.payload)).to_json()


def _exactly(value: JSON, names: set[str]) -> JSONObject:
    if not isinstance(value, dict) or value.keys() != names:
        raise EnvelopeRefused("An envelope has exactly payload, payloadType and one signature with keyid and sig")
    return value
