"""The statement in which a new key proves that it is held: made by the portal with room for the key, signed by the key.

Guarantees that the envelope carries one signature, by the key that the statement names and by no other; that this key
may serve as one (no small order, canonical encoding) and its id follows from its bytes; and that everything else is
what the portal asked for. The signer puts its values in place of `$kid`, `$public` and `$custody`, and computes the
digests. Follows the governance reference, sections 2.3 and 6.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from governance.change.core.diff import differences
from governance.change.core.policy import ANY_TYPE, Direction, ExecutorRule, Rule, Tier
from governance.change.core.statement import CODE_WORDS, VERSION, Statement, difference_from, digest_of, parsed
from governance.change.core.verbs import Verb
from governance.identity.core.governed import KEY_ENROL, KEY_ROTATE
from governance.identity.core.person_keys import PUBLIC_BYTES, Custody, KeyUse, decision_kid
from governance.identity.core.possession import Possession
from governance.identity.errors import KeyMalformed
from ledger.core import dsse
from ledger.core.keys import decode_base64
from ledger.core.short_words import spoken
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

KID, PUBLIC, CUSTODY = "$kid", "$public", "$custody"
LIFE = timedelta(days=1)
MOST_BYTES = 16_384
NOTHING = "0" * 64
_RULE = Rule(
    name="possession: it counts for nothing until a second person lets it count", change=ANY_TYPE,
    directions=frozenset({Direction.NEUTRAL}), tier=Tier.LOW, needs=(), lock_s=0, life_s=86_400,
    executor=ExecutorRule.ANY,
)  # fmt: skip
"""What a signer shows of the rule: nobody's approval makes the proof, so nothing is weighed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the portal asks a new key to sign. `person` is `person:<public id>`; `genesis` the genesis body's digest in
    hex, zeros before the founding; `nonce` has 16 bytes.
    """

    origin: str
    genesis: str
    person: str
    name: str
    use: KeyUse
    replaces: str | None
    nonce: bytes
    at: datetime
    ledger: JSONObject

    @property
    def verb(self) -> Verb:
        """What is said."""
        return Verb.ENROL_KEY if self.replaces is None else Verb.ROTATE_KEY


def template(asked: Asked) -> JSONObject:
    """The statement's fields, with room for the key; its digests are the signer's to compute."""
    nonce = base64.urlsafe_b64encode(asked.nonce).rstrip(b"=").decode()
    key: JSONObject = {"custody": CUSTODY, "kid": KID, "public": PUBLIC, "use": asked.use.value}
    return {
        "v": VERSION,
        "verb": asked.verb.value,
        "deployment": {"origin": asked.origin, "genesis": asked.genesis},
        "tenant": None,
        "change": {
            "id": f"possession:{nonce}", "revision": 0, "type": KEY_ENROL if asked.replaces is None else KEY_ROTATE,
            "body": {**key, "person": asked.person, "replaces": asked.replaces}, "body_digest": NOTHING,
            "reverts": None, "contributors": [], "reason": f"{asked.name} proves possession of a new key",
        },
        "effect": {
            "base": {"key": None}, "result": {"key": {**key}}, "base_state": NOTHING, "result_state": NOTHING,
            "diff": [], "direction": "neutral", "invalidates": [], "way_back": None,
        },
        "policy": {"digest": NOTHING, "rule": _RULE.to_json()},
        "ledger": asked.ledger,
        "window": {"not_before": _second(asked.at), "not_after": _second(asked.at + LIFE)},
        "signer": {"person": asked.person, "key": KID, "groups": []},
        "nonce": nonce,
        "client": {"kind": "browser", "bundle": NOTHING},
    }  # fmt: skip


def filled(fields: JSONObject, *, kid: str, public: bytes, custody: Custody) -> JSONObject:
    """The template with the key in it, and every digest as it follows."""
    words = {KID: kid, PUBLIC: base64.b64encode(public).decode(), CUSTODY: custody.value}
    found = cast("dict[str, Any]", _with(fields, words))
    change, effect = found["change"], found["effect"]
    change["body_digest"] = digest_of(change["body"])
    effect["base_state"], effect["result_state"] = digest_of(effect["base"]), digest_of(effect["result"])
    effect["diff"] = differences(effect["base"], effect["result"])
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """An envelope whose one signature verifies under the key that it names; who asked for it is not judged yet."""

    raw: bytes
    statement: Statement
    kid: str
    public: bytes
    use: KeyUse
    custody: Custody
    replaces: str | None
    nonce: bytes

    def answers(self, asked: Asked) -> Possession:
        """What identity keeps; raises KeyMalformed where anything but the key is not as it was asked for."""
        wanted = filled(template(asked), kid=self.kid, public=self.public, custody=self.custody)
        if other := difference_from(self.statement, wanted):
            raise KeyMalformed("The proof names something else than was asked for", path=f"$.{other}")
        return Possession(self.raw, asked.person, self.kid, self.public, self.use, self.custody, self.replaces)


def words_of(public: bytes) -> str:
    """Six words of a public key, to be read aloud: the same on the signing page, at the command line and here."""
    told = digest_of({"public": base64.b64encode(public).decode()})
    return spoken(bytes.fromhex(told), CODE_WORDS)


def proof_in(raw: bytes) -> Proof:
    """Read and verify an envelope; raises KeyMalformed with the reason."""
    if len(raw) > MOST_BYTES:
        raise KeyMalformed("A proof of possession has at most 16 KiB", why=f"{len(raw):,} bytes")
    try:
        return _proof(raw, dsse.parse_envelope(raw))
    except KeyMalformed:
        raise
    except (LedgerError, KeyError, TypeError, ValueError) as error:
        raise KeyMalformed("This proves no possession of a key", why=str(error)[:200]) from error


def _proof(raw: bytes, envelope: dsse.Envelope) -> Proof:
    statement = parsed(envelope.payload)
    if statement.verb not in {Verb.ENROL_KEY, Verb.ROTATE_KEY} or len(envelope.signatures) != 1:
        raise KeyMalformed("One signature over an enrolment is expected", path="$.verb")
    fields = cast("dict[str, Any]", statement.fields)
    body = fields["change"]["body"]
    public, use = decode_base64(body["public"], PUBLIC_BYTES), KeyUse(body["use"])
    kid = decision_kid(use, fields["deployment"]["origin"], public)
    if kid != body["kid"]:
        raise KeyMalformed("The key's id does not follow from use, origin and bytes", path="$.change.body.kid")
    dsse.verified_payload(envelope, {kid: public}, statement.verb.payload_type)
    nonce = base64.urlsafe_b64decode(fields["nonce"] + "==")
    return Proof(raw, statement, kid, public, use, Custody(body["custody"]), body["replaces"], nonce)


def _with(value: JSON, words: dict[str, str]) -> JSON:
    if isinstance(value, dict):
        return {name: _with(inner, words) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, words) for inner in value]
    return words.get(value, value) if isinstance(value, str) else value


def _second(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
