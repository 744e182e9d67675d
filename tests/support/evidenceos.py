"""EvidenceOS artefacts for tests, signed by keys of one repeated byte; the seeds are those of the shared vectors."""

from __future__ import annotations

from dataclasses import replace

from nacl.signing import SigningKey

from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.nullspec import (
    Contract,
    Dirichlet,
    DiscreteBuckets,
    EProcess,
    FixedAlternative,
    Kind,
    ParametricBernoulli,
)
from governance.evidenceos.core.operator import STATEMENT_TYPE, Attestation, OperatorRecord

NOW = 1_735_689_600
OPERATOR, STRANGER, LOG = SigningKey(b"\7" * 32), SigningKey(b"\5" * 32), SigningKey(b"\3" * 32)
KEY_ID = "ops-k1"


def public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)


def sign(key: SigningKey, message: bytes) -> bytes:
    return bytes(key.sign(message).signature)


KEYRING = {KEY_ID: public(OPERATOR)}
BUCKETS: tuple[Kind, EProcess] = DiscreteBuckets((0.2, 0.3, 0.5)), Dirichlet((1.0, 1.0, 1.0))
BERNOULLI: tuple[Kind, EProcess] = ParametricBernoulli(0.4), FixedAlternative((0.3, 0.7))


def unsigned(kind: Kind = BUCKETS[0], eprocess: EProcess = BUCKETS[1]) -> Contract:
    return Contract("settle", b"\7" * 32, "holdout-a", 10, 20, kind, eprocess, b"\xab" * 32, KEY_ID)


def signed(contract: Contract, key: SigningKey = OPERATOR) -> Contract:
    return contract.signed(sign(key, contract.signing_payload()))


CONTRACT = signed(unsigned())


def signed_record(oracle_id: str, record: OperatorRecord, key: SigningKey = OPERATOR) -> OperatorRecord:
    return replace(record, signature_hex=sign(key, record.signed_digest(oracle_id)).hex())


RECORD = signed_record(
    "settle",
    OperatorRecord(86400, NOW, KEY_ID, "ab" * 32, 10, Attestation(STATEMENT_TYPE, "global/settle", "cd" * 32)),
)


def signed_epoch(control: EpochControl, key: SigningKey = OPERATOR) -> EpochControl:
    return replace(control, signature_hex=sign(key, control.signed_digest()).hex())


EPOCH = signed_epoch(EpochControl(12, NOW, KEY_ID))


def signed_event(event: GovernanceEvent, key: SigningKey = OPERATOR) -> GovernanceEvent:
    return replace(event, event_id=event.computed_id(), signature_hex=sign(key, event.message()).hex())


ADVANCED = signed_event(GovernanceEvent("epoch_advanced", NOW, KEY_ID, {"to": 12}))
