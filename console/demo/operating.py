"""The demo's data directory under governance: adopted, changed by decisions, and one file of it changed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey

from console.demo import directory
from console.demo.governing import SEED, Governor, founders_row, session
from governance.change.actions.draft import draft_change
from governance.change.actions.submit import submit_change
from governance.change.core.native import declared
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.actions.target import SetTarget, TargetSettings, set_target
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.keys import write_hex_file
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.models import Target
from governance.identity.core.person_keys import KeyUse
from ledger.core.types import JSONObject

SLUG = "laboratory"
EPOCH_SECONDS = 86_400
AUTHOR, APPROVERS, EXECUTOR = "author", ("approver-2", "approver-3"), "executor"
FOREIGN = f"trusted-nullspec-keys/{directory.ANALYST}.pub"


@dataclass(frozen=True)
class Operator:
    """Puts the directory at `root`, and governs it as the demo's people do."""

    governor: Governor
    root: Path

    def operate(self) -> None:
        """Everything, unless it was begun before."""
        if Target.objects.filter(slug=SLUG).exists():
            return
        at = int(self.governor.moment().now.timestamp()) - 3_600
        operators = {name: self._native(name) for name in (EXECUTOR, "executor-2")}
        directory.put(self.root, directory.files(self._native(AUTHOR), operators, at))
        self._adopt()
        renewal = directory.contract(directory.RENEWAL, 30, directory.record_of(operators[EXECUTOR], at))
        self._installed(renewal)
        self._retired()
        self._activation(renewal)
        (self.root / FOREIGN).write_bytes(write_hex_file(bytes(SigningKey(b"b" * 32).verify_key)))
        tend(self.governor.moment())

    def _adopt(self) -> None:
        settings = TargetSettings(
            path=self.root.resolve(), words="The demo's laboratory", epoch_seconds=EPOCH_SECONDS,
            log_file=str(self.root.resolve().with_name("evidenceos.log")),
        )  # fmt: skip
        set_target(SetTarget(slug=SLUG, settings=settings, by=SEED, at=self.governor.moment()))
        adopt(SLUG, by=SEED, at=self.governor.moment())

    def _installed(self, renewal: Contract) -> None:
        payload = renewal.signing_payload()
        body: JSONObject = {
            "target": SLUG, "contract": payload.decode(), "lane": "fast", "epoch": None,
            "native": [declared("nullspec_contract", "author", payload)],
        }  # fmt: skip
        row = self._draft("nullspec.install", body, "The renewal for November: the old one lapses after this epoch.")
        self._decided(self.governor.say(row, Verb.SUBMIT, founders_row(AUTHOR)))

    def _retired(self) -> None:
        body: JSONObject = {
            "target": SLUG, "oracle_id": directory.ORACLE, "holdout_handle": directory.SECOND_HOLDOUT,
        }  # fmt: skip
        self._decided(self._submitted("nullspec.retire", body, "December's holdout was seen in training."))

    def _activation(self, renewal: Contract) -> None:
        """Waits for science."""
        body: JSONObject = {
            "target": SLUG, "oracle_id": directory.ORACLE, "holdout_handle": directory.HOLDOUT,
            "nullspec_id": renewal.computed_id().hex(), "lane": "fast", "epoch": None,
        }  # fmt: skip
        row = self._submitted("nullspec.activate", body, "The contract in force holds through the next epoch only.")
        self.governor.say(row, Verb.APPROVE, founders_row(APPROVERS[0]))

    def _decided(self, row: Change) -> None:
        for name in APPROVERS:
            row = self.governor.say(row, Verb.APPROVE, founders_row(name))
        self.governor.say(row, Verb.EXECUTE, founders_row(EXECUTOR))

    def _draft(self, kind: str, body: JSONObject, reason: str) -> Change:
        at = self.governor.moment()
        return draft_change(kind, body, reason, by=session(founders_row(AUTHOR), at), at=at)

    def _submitted(self, kind: str, body: JSONObject, reason: str) -> Change:
        row, at = self._draft(kind, body, reason), self.governor.moment()
        return submit_change(row.key, revision=row.revision, by=session(founders_row(AUTHOR), at), at=at)

    def _native(self, name: str) -> SigningKey:
        return self.governor.private(founders_row(name), KeyUse.NATIVE)
