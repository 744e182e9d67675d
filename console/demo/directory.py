"""A data directory of EvidenceOS as an operator of upstream's tools would have left it: with history, all of it sound.

Its authors and operators are the demo's people, by their native keys; one contract lapses in an epoch, one canary is
frozen.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from governance.evidenceos.core import etl
from governance.evidenceos.core.active_map import ActiveMap
from governance.evidenceos.core.buckets import CalibrationBuckets
from governance.evidenceos.core.canary import Canary, CanaryConfig, begun, stream_key
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.events import GovernanceEvent, nullspec_event_id
from governance.evidenceos.core.expected import resolution_of
from governance.evidenceos.core.jsons import compact
from governance.evidenceos.core.keys import write_hex_file, write_trusted_keys
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.operator import STATEMENT_TYPE, Attestation, OperatorRecord, write_operator_config
from governance.evidenceos.core.registry import entry_paths
from governance.evidenceos.core.resolution import Lane
from ledger.core.merkle import leaf_hash
from ledger.core.types import JSONObject

EPOCH: Final = 41
ORACLE: Final = "code-or-data"
HOLDOUT, SECOND_HOLDOUT = "november", "december"
TTL: Final = 30 * 86_400
"""In production the daemon reads the TTL of a record as seconds."""
CALIBRATION: Final = bytes.fromhex("c0" * 32)
COUNTS: Final = (412, 388, 145, 55)
LAPSING: Final = CalibrationBuckets(COUNTS, CALIBRATION, EPOCH - 3)
RENEWAL: Final = CalibrationBuckets((498, 401, 160, 61), CALIBRATION, EPOCH)
AUTHOR, OPERATOR, ANALYST = "author", "executor", "analyst"


def contract(buckets: CalibrationBuckets, ttl: int, record: OperatorRecord, holdout: str = HOLDOUT) -> Contract:
    """A contract of the author's that fits claims of the epoch in force, unsigned."""
    fitting = resolution_of(record, len(buckets.counts), Lane.FAST, EPOCH).hash()
    return Contract(
        ORACLE, fitting, holdout, buckets.epoch_created, ttl, buckets.null(steady=True), buckets.mixture(1.0),
        buckets.calibration_manifest_hash, AUTHOR,
    )  # fmt: skip


def record_of(operator: SigningKey, at: int) -> OperatorRecord:
    """The oracle's record, signed."""
    attested = Attestation(STATEMENT_TYPE, "the demo's files", "ab" * 32)
    bare = OperatorRecord(TTL, at, OPERATOR, CALIBRATION.hex(), at, attested)
    return replace(bare, signature_hex=_sign(operator, bare.signed_digest(ORACLE)).hex())


def files(author: SigningKey, operators: dict[str, SigningKey], at: int) -> dict[str, bytes]:
    """Every file by its path; `at` is the unix second of the last setting."""
    operator = operators[OPERATOR]
    record = record_of(operator, at)
    held = [
        _signed(author, contract(LAPSING, 4, record)),
        _signed(author, contract(LAPSING, 4, record, SECOND_HOLDOUT)),
    ]
    active = ActiveMap()
    for one in held:
        active = active.activated(one.oracle_id, one.holdout_handle, one.nullspec_id)
    control = EpochControl(EPOCH, at, OPERATOR)
    events = [_event(operator, "oracle_ttl_set", at, {"oracle_id": ORACLE, "ttl_epochs": TTL})]
    events += [_copied(kind, one) for one in held for kind in ("nullspec_install", "nullspec_activate")]
    events.append(_event(operator, "epoch_advanced", at, {"to": EPOCH}))
    return {
        **_contracts(author, held),
        "nullspec/active_map.json": active.to_bytes(),
        f"trusted-nullspec-keys/{AUTHOR}.pub": write_hex_file(bytes(author.verify_key)),
        f"trusted-nullspec-keys/{ANALYST}.pub": write_hex_file(bytes(SigningKey(b"a" * 32).verify_key)),
        "trusted_oracle_keys.json": write_trusted_keys(
            {label: bytes(key.verify_key) for label, key in operators.items()}
        ),
        "oracle_operator_config.json": write_operator_config({ORACLE: record}),
        "epoch_control.json": replace(control, signature_hex=_sign(operator, control.signed_digest()).hex()).to_bytes(),
        "etl_governance_events.log": b"".join(one.to_line() for one in events),
        **_daemon(),
    }


def put(root: Path, wanted: dict[str, bytes]) -> None:
    """Write them, once."""
    for path, data in wanted.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def _contracts(author: SigningKey, held: list[Contract]) -> dict[str, bytes]:
    found = dict[str, bytes]()
    for one in held:
        stored, signature = entry_paths(one)
        found[f"nullspec/{one.nullspec_id.hex()}.json"] = one.canonical()
        found[f"nullspec-registry/{stored}"] = one.canonical()
        found[f"nullspec-registry/{signature}"] = write_hex_file(_sign(author, one.canonical()))
    return found


def _daemon() -> dict[str, bytes]:
    """What the daemon itself writes: its log, and its state with a canary that goes on and one that is frozen."""
    entries = [b'{"kind":"probe_event","action":"ESCALATE"}', etl.Revocation("ab" * 32, "superseded", 1).to_bytes()]
    config = CanaryConfig()
    going = Canary(config, config.barrier, 3.25, EPOCH, counts=(40, 37, 15, 8), total=100)
    frozen = Canary(config, config.barrier, 21.5, EPOCH - 1, drift_frozen=True, counts=(9, 8, 30, 33), total=80)
    rows: JSONObject = {
        "canary_states": [
            [stream_key(ORACLE, HOLDOUT), going.to_json()],
            [stream_key(ORACLE, SECOND_HOLDOUT), frozen.to_json()],
            [stream_key("nightly", HOLDOUT), begun(config).to_json()],
        ]
    }
    return {
        "etl.log": b"".join(map(etl.record, entries)), "etl.log.leaves": b"".join(map(leaf_hash, entries)),
        "state.json": compact(rows),
    }  # fmt: skip


def _signed(author: SigningKey, bare: Contract) -> Contract:
    return bare.signed(_sign(author, bare.signing_payload()))


def _event(key: SigningKey, kind: str, at: int, payload: JSONObject) -> GovernanceEvent:
    bare = GovernanceEvent(kind, at, OPERATOR, payload)
    return replace(bare, event_id=bare.computed_id(), signature_hex=_sign(key, bare.message()).hex())


def _copied(kind: str, one: Contract) -> GovernanceEvent:
    payload: JSONObject = {
        "nullspec_id": one.nullspec_id.hex(), "oracle_id": one.oracle_id,
        "resolution_hash": one.oracle_resolution_hash.hex(),
    }  # fmt: skip
    if kind == "nullspec_activate":
        payload["holdout"] = one.holdout_handle
    copied = nullspec_event_id(one.nullspec_id), one.signature.hex()
    return GovernanceEvent(kind, one.epoch_created, one.created_by, payload, *copied)


def _sign(key: SigningKey, message: bytes) -> bytes:
    return bytes(key.sign(message).signature)
