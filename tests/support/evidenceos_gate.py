"""A founded deployment over a data directory: people with native keys whom it trusts, and changes through the gate."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from governance.change.actions.issue import issue_statement
from governance.change.core import native
from governance.change.core.native_forms import NULLSPEC
from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.types import change_type
from governance.change.types.drafting import completed
from governance.evidenceos.core.active_map import ActiveMap
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.expected import resolution_of
from governance.evidenceos.core.keys import write_hex_file, write_trusted_keys
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.operator import write_operator_config
from governance.evidenceos.core.resolution import Lane
from governance.evidenceos.selectors.targets import TargetView
from governance.identity.core.person_keys import Custody, KeyUse
from governance.identity.models import PersonKey
from ledger.core.dsse import sign_envelope
from ledger.core.strict_base64 import decode, encode
from ledger.core.types import JSONObject
from tests.support.evidenceos import RECORD, public, sign, signed_epoch, signed_record, unsigned
from tests.support.evidenceos_files import directory
from tests.support.evidenceos_target import SLUG, adopted, put
from tests.support.governed import POLICY, World, world
from tests.support.people import planted_key
from tests.support.world import moment

EPOCH = 12
PAIR = {"oracle_id": "settle", "holdout_handle": "holdout-a"}


class Gate:
    """The world of changes, with a target `lab` that trusts eva and fay as operators and ada as an author."""

    signed_at = RECORD.updated_at_epoch
    """The unix second of the oracle's record in force."""

    def __init__(
        self, root: Path, *, policy: Policy = POLICY, custody: Custody = Custody.OFFLINE, **settings: Any
    ) -> None:
        self.it: World = world(policy, custody=custody)
        self.keys: dict[str, tuple[PersonKey, SigningKey]] = {
            name: planted_key(self.it[name].row, use=KeyUse.NATIVE, custody=custody)
            for name in ("ada", "eva", "fay", "ben")
        }
        self.root = put(root, self._files())
        self.target: TargetView = adopted(root, **settings)

    def private(self, who: str) -> SigningKey:
        """Somebody's native key."""
        return self.keys[who][1]

    def contract(self, **more: Any) -> Contract:
        """A contract of ada's that fits claims of the epoch in force, unsigned."""
        fitting = resolution_of(self.record(), 3, Lane.FAST, EPOCH).hash()
        made = {"created_by": "ada", "epoch_created": EPOCH, "oracle_resolution_hash": fitting, **more}
        return replace(unsigned(), **made)

    def record(self) -> Any:
        """The oracle's record in force."""
        record = replace(RECORD, key_id="eva", updated_at_epoch=self.signed_at)
        return signed_record("settle", record, self.private("eva"))

    def install_body(self, contract: Contract, **more: Any) -> JSONObject:
        """The body that installs it."""
        return {
            "target": SLUG, "contract": contract.signing_payload().decode(), "lane": "fast", "epoch": None,
            "native": [native.declared(NULLSPEC, "author", contract.signing_payload())], **more,
        }  # fmt: skip

    def activate_body(self, contract: Contract, **more: Any) -> JSONObject:
        """The body that activates it."""
        key = sha256(contract.signing_payload()).hexdigest()
        return {"target": SLUG, **PAIR, "nullspec_id": key, "lane": None, "epoch": None, **more}

    def body(self, kind: str, **fields: Any) -> JSONObject:
        """A body with what EvidenceOS wants signed."""
        return completed(change_type(kind), {"target": SLUG, **fields})

    def draft(self, kind: str, body: JSONObject) -> Change:
        """A draft of ada's."""
        return self.it.draft(kind, body)

    def in_review(self, kind: str, body: JSONObject) -> Change:
        """Submitted, by ada's signature where she signs natively."""
        if any(one["by"] == "author" for one in body.get("native", [])):  # type: ignore[union-attr, call-overload, index]  # rows
            return self.say(self.draft(kind, body), Verb.SUBMIT, "ada")
        return self.it.in_review(kind, body)

    def ready(self, kind: str, body: JSONObject) -> Change:
        """Approved by two, and its lock over."""
        row = self.in_review(kind, body)
        for one in ("ben", "cyd"):
            row = self.say(row, Verb.APPROVE, one)
        self.it.pass_time(3_601)
        return row

    def applied(self, kind: str, body: JSONObject, who: str = "eva") -> Change:
        """Carried out."""
        return self.say(self.ready(kind, body), Verb.EXECUTE, who)

    def installed(self, contract: Contract) -> Contract:
        """In the store and the registry."""
        self.applied("nullspec.install", self.install_body(contract))
        return contract

    def say(self, row: Change, verb: Verb, who: str) -> Change:
        """Sign and hand in, with what the native key signs beside it."""
        one = self.it[who]
        issued = issue_statement(row.key, verb, one.kid, by=one.principal(self.it.now), at=moment(self.it.now))
        envelope = sign_envelope(
            issued.payload_type, issued.raw, one.kid, lambda data: one.private.sign(data).signature
        ).to_bytes()
        return self.it.hand_in(row, envelope, who, native=self._beside(issued, verb, who))

    def _beside(self, issued: Any, verb: Verb, who: str) -> Any:
        if issued.native is None:
            return None
        given = [(row["kind"], decode(row["payload"])) for row in issued.native["artefacts"]]
        found = native.bound(issued.statement.fields["change"]["body"], verb, given)
        rows = [self._made(made, who) for listed, made in found if listed.is_signed_with(verb)]
        return {"kid": issued.native["kid"], "artefacts": rows} if rows else None

    def _made(self, artefact: native.Artefact, who: str) -> Any:
        private = self.private(who)
        signature = private.sign(artefact.to_sign).signature
        whole = native.full_form(artefact.payload, signature) if artefact.kind == NULLSPEC else None
        return {
            "kind": artefact.kind, "payload": encode(artefact.payload), "signature": encode(signature),
            "detached": None if whole is None else encode(private.sign(whole).signature),
        }  # fmt: skip

    def _files(self) -> dict[str, bytes]:
        eva = self.private("eva")
        control = signed_epoch(EpochControl(EPOCH, RECORD.updated_at_epoch, "eva"), eva)
        trusted = {name: public(self.private(name)) for name in ("eva", "fay")}
        return {
            "trusted-nullspec-keys/ada.pub": write_hex_file(public(self.private("ada"))),
            "nullspec/active_map.json": ActiveMap().to_bytes(),
            "trusted_oracle_keys.json": write_trusted_keys(trusted),
            "oracle_operator_config.json": write_operator_config({"settle": self.record()}),
            "epoch_control.json": control.to_bytes(),
            "state.json": directory()["state.json"],
            "etl_governance_events.log": b"",
        }


def stray(contract: Contract, private: SigningKey) -> bytes:
    """A contract that somebody put there by hand, signed by this key."""
    return contract.signed(sign(private, contract.signing_payload())).canonical()
