"""The demo founds itself: six people register a key each, sign the genesis, and from then on decisions are needed.

Their private keys are derived from the demo's secret and lie in encrypted key files, with custody `demo`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from console.demo.cast import founders
from console.demo.ruling import GROUPS, demo_policy
from console.demo.secret import DemoSecret
from governance.change.actions.draft import draft_change
from governance.change.actions.issue import issue_statement
from governance.change.actions.take_word import take_word
from governance.change.core.native import Artefact, bound, full_form
from governance.change.core.native_forms import NULLSPEC
from governance.change.core.possession import filled
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.enrolment import enrolment_fields, possession_in
from governance.identity.actions.register_person_key import register_person_key
from governance.identity.core.person_keys import Custody, KeyUse, decision_kid
from governance.identity.core.principal import Principal, machine
from governance.identity.models import Membership, Person, PersonKey
from governance.identity.moment import Moment
from governance.identity.selectors.founding import is_founded
from governance.identity.selectors.principals import principal_of_person
from governance.sign.keyfile import NONCE_BYTES, SALT_BYTES, Whose, wrap
from ledger.core.canonical import canonical
from ledger.core.dsse import sign_envelope
from ledger.core.strict_base64 import decode, encode
from ledger.core.types import JSON, JSONObject

SEED = machine("machine:demo")
RECOVERY_LOCK_S, RECOVERY_LIFE_S = 60, 86_400
SIGNERS = 2
USES = (KeyUse.DECISION, KeyUse.NATIVE)
"""Two keys for everybody: one says words, the other signs bytes of EvidenceOS."""


@dataclass(frozen=True)
class Governor:
    """Founds what is not founded. `moment` gives time and randomness, `folder` is where key files lie."""

    secret: DemoSecret
    moment: Callable[[], Moment]
    folder: Path

    def found(self) -> None:
        """Keys, genesis, and as many signatures as it asks for."""
        if is_founded():
            return
        for email in founders():
            for use in USES:
                self._register(person(email), use)
        author = founders_row("author")
        row = draft_change("genesis", self._genesis(), "The founding of the demo.", by=SEED, at=self.moment())
        for one in (author, founders_row("approver"))[:SIGNERS]:
            row = self.say(row, Verb.FOUND, one)

    def say(self, row: Change, verb: Verb, who: Person) -> Change:
        """Sign what `who` is given over a change, and hand it in."""
        private, by = self.private(who), session(who, self.moment())
        kid = self.kid(who)
        issued = issue_statement(row.key, verb, kid, by=by, at=self.moment())
        envelope = sign_envelope(issued.payload_type, issued.raw, kid, lambda data: private.sign(data).signature)
        beside = self._beside(issued.native, issued.statement.fields, verb, who)
        return take_word(row.key, envelope.to_bytes(), by=by, at=self.moment(), native=beside)

    def _beside(self, given: Any, statement: Any, verb: Verb, who: Person) -> JSONObject | None:
        """What their native key signs of the artefacts that the change lists."""
        if given is None:
            return None
        rows = [(row["kind"], decode(row["payload"])) for row in given["artefacts"]]
        listed = bound(statement["change"]["body"], verb, rows)
        made: list[JSON] = [self._native(one, who) for asked, one in listed if asked.is_signed_with(verb)]
        return {"kid": given["kid"], "artefacts": made} if made else None

    def _native(self, artefact: Artefact, who: Person) -> JSONObject:
        private = self.private(who, KeyUse.NATIVE)
        signature = private.sign(artefact.to_sign).signature
        whole = full_form(artefact.payload, signature) if artefact.kind == NULLSPEC else None
        return {
            "kind": artefact.kind, "payload": encode(artefact.payload), "signature": encode(signature),
            "detached": None if whole is None else encode(private.sign(whole).signature),
        }  # fmt: skip

    def key_file(self, email: str, use: KeyUse = KeyUse.DECISION) -> Path:
        """The encrypted key file of somebody; its passphrase is their password."""
        end = "key.json" if use is KeyUse.DECISION else f"{use.value}.key.json"
        return self.folder / f"{email.partition('@')[0]}.{end}"

    def private(self, who: Person, use: KeyUse = KeyUse.DECISION) -> SigningKey:
        """The derived key."""
        seed = self.secret.signing_key if use is KeyUse.DECISION else self.secret.native_key
        return SigningKey(seed(who.email))

    def kid(self, who: Person, use: KeyUse = KeyUse.DECISION) -> str:
        """Its id in this deployment."""
        return decision_kid(use, changes_stream().origin, bytes(self.private(who, use).verify_key))

    def _register(self, who: Person, use: KeyUse) -> None:
        self._write(who, use)
        kid = self.kid(who, use)
        if PersonKey.objects.filter(kid=kid).exists():
            return
        private, at = self.private(who, use), self.moment()
        public = bytes(private.verify_key)
        fields = filled(enrolment_fields(who, use, at.now), kid=kid, public=public, custody=Custody.DEMO)
        kind = Verb(str(fields["verb"])).payload_type
        raw = sign_envelope(kind, canonical(fields), kid, lambda data: private.sign(data).signature)
        proof = possession_in(raw.to_bytes(), who, at.now)
        register_person_key(who, proof, "demo", custodies=frozenset({Custody.DEMO}), by=SEED, at=at)

    def _write(self, who: Person, use: KeyUse) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        whose = Whose(who.actor, changes_stream().origin, use.value, custody=Custody.DEMO.value)
        entropy = self.moment().entropy
        made = wrap(
            bytes(self.private(who, use)), self.secret.password(who.email), whose,
            salt=entropy(SALT_BYTES), nonce=entropy(NONCE_BYTES),
        )  # fmt: skip
        path = self.key_file(who.email, use)
        path.touch(mode=0o600)
        path.write_bytes(made.to_bytes())

    def _genesis(self) -> JSONObject:
        return {
            "name": "Countersign demo",
            "signers": SIGNERS,
            "people": [self._named(person(email), groups) for email, groups in founders().items()],
            "groups": [{"id": one, "words": words} for one, words in GROUPS.items()],
            "policy": demo_policy().to_json(),
            "recovery": {
                "group": "ops", "count": SIGNERS, "lock_s": RECOVERY_LOCK_S, "life_s": RECOVERY_LIFE_S,
            },
        }  # fmt: skip

    def _named(self, who: Person, groups: tuple[str, ...]) -> JSONObject:
        held = Membership.objects.live(self.moment().now).filter(person=who).select_related("tenant")
        keys: list[JSON] = [
            {
                "kid": self.kid(who, use), "public": bytes(self.private(who, use).verify_key).hex(), "custody": "demo",
                "use": use.value,
            }
            for use in USES
        ]  # fmt: skip
        return {
            "person": str(who.public_id),
            "roles": [
                {"role": one.role, "tenant": str(one.tenant.public_id) if one.tenant is not None else None}
                for one in held
            ],
            "groups": [*groups],
            "keys": keys,
            **({"unit": who.unit} if who.unit else {}),
        }  # fmt: skip


def person(email: str) -> Person:
    """Somebody of the cast."""
    return Person.objects.get(email=email)


def founders_row(name: str) -> Person:
    """One of the six, by the part of the address before the at sign."""
    return person(next(one for one in founders() if one.partition("@")[0] == name))


def session(who: Person, at: Moment) -> Principal:
    """The person as in a session of theirs."""
    found = principal_of_person(who, at.now)
    if found is None:
        raise LookupError(who.email)
    return found
