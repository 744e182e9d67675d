"""A whole data directory of EvidenceOS for tests, written by the product's own writers; and a claim of its log."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

from governance.evidenceos.core import etl
from governance.evidenceos.core.active_map import ActiveMap
from governance.evidenceos.core.canary import CanaryConfig, begun, stream_key
from governance.evidenceos.core.digests import log_key_id
from governance.evidenceos.core.events import GovernanceEvent, nullspec_event_id
from governance.evidenceos.core.jsons import canonical, compact
from governance.evidenceos.core.keys import write_hex_file, write_trusted_keys
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.operator import write_operator_config
from governance.evidenceos.core.registry import entry_paths
from governance.evidenceos.core.revocations import RevocationEntry, Snapshot
from governance.evidenceos.core.settlement import Proposal
from governance.evidenceos.core.tree_head import TreeHead, head_digest
from ledger.core.merkle import consistency_proof, inclusion_proof, leaf_hash, reader_of
from ledger.core.types import JSONObject
from tests.support.evidenceos import (
    ADVANCED,
    CONTRACT,
    EPOCH,
    KEY_ID,
    KEYRING,
    LOG,
    NOW,
    OPERATOR,
    RECORD,
    public,
    sign,
    signed_event,
)

ID = CONTRACT.nullspec_id.hex()
STORED = f"nullspec/{ID}.json"
REGISTERED, DETACHED = (f"nullspec-registry/{path}" for path in entry_paths(CONTRACT))
AUTHOR = f"trusted-nullspec-keys/{KEY_ID}.pub"
SETTLEMENT = "settlement_spool/12/claim.json"
LOG_KEY_ID = log_key_id(public(LOG))
LOG_KEYS = {LOG_KEY_ID: public(LOG)}
PROPOSAL = Proposal("ab" * 32, "CERTIFIED", 12, 0, "12" * 32, 1, (7, 9), "34" * 32)


def capsule(claim: str = "c1" * 32, dependencies: tuple[bytes, ...] = (), **more: Any) -> bytes:
    value: JSONObject = {
        "schema": etl.CAPSULE_SCHEMA,
        "claim_id_hex": claim,
        "dependency_capsule_hashes": [one.hex() for one in dependencies],
        "nullspec_id_hex": ID,
        "oracle_resolution_hash_hex": CONTRACT.oracle_resolution_hash.hex(),
        "eprocess_kind": "dirichlet_multinomial_mixture",
        "e_value": 1.5e-7,
        **more,
    }
    return canonical(value)


CAPSULE = capsule()
ENTRIES = [b'{"kind":"probe_event"}', CAPSULE, etl.Revocation("ab" * 32, "bad data", 2).to_bytes(), CAPSULE, CAPSULE]


def copied_event(event_type: str, contract: Contract, **more: str) -> GovernanceEvent:
    payload: JSONObject = {
        "nullspec_id": contract.nullspec_id.hex(),
        "oracle_id": contract.oracle_id,
        "resolution_hash": contract.oracle_resolution_hash.hex(),
        **more,
    }
    event_id, signature = nullspec_event_id(contract.nullspec_id), contract.signature.hex()
    return GovernanceEvent(event_type, contract.epoch_created, contract.created_by, payload, event_id, signature)


def event_lines() -> list[bytes]:
    ttl = GovernanceEvent("oracle_ttl_set", NOW, KEY_ID, {"oracle_id": "settle", "ttl_epochs": RECORD.ttl_epochs})
    installed = copied_event("nullspec_install", CONTRACT)
    activated = copied_event("nullspec_activate", CONTRACT, holdout="holdout-a")
    return [one.to_line() for one in (signed_event(ttl), ADVANCED, installed, activated)]


def directory() -> dict[str, bytes]:
    """Every governed file, all of them sound."""
    state: JSONObject = {"canary_states": [[stream_key("settle", "holdout-a"), begun(CanaryConfig()).to_json()]]}
    return {
        STORED: CONTRACT.canonical(),
        "nullspec/active_map.json": ActiveMap().activated("settle", "holdout-a", CONTRACT.nullspec_id).to_bytes(),
        REGISTERED: CONTRACT.canonical(),
        DETACHED: write_hex_file(sign(OPERATOR, CONTRACT.canonical())),
        AUTHOR: write_hex_file(public(OPERATOR)),
        "trusted_oracle_keys.json": write_trusted_keys(KEYRING),
        "oracle_operator_config.json": write_operator_config({"settle": RECORD}),
        "epoch_control.json": EPOCH.to_bytes(),
        "etl_governance_events.log": b"".join(event_lines()),
        "etl.log": b"".join(map(etl.record, ENTRIES)),
        "etl.log.leaves": b"".join(map(leaf_hash, ENTRIES)),
        "state.json": compact(state),
        SETTLEMENT: compact(PROPOSAL.to_json()),
    }


def head(size: int = len(ENTRIES), entries: list[bytes] | None = None) -> TreeHead:
    root = etl.root_of((entries or ENTRIES)[:size])
    return TreeHead(size, root, sign(LOG, head_digest(size, root)), LOG_KEY_ID)


def snapshot(*revoked: bytes, at: TreeHead | None = None, own_head: bool = True) -> Snapshot:
    shown = at or head()
    entries = tuple(RevocationEntry(one, NOW, "bad data") for one in revoked)
    unsigned = Snapshot(entries, shown if own_head else None, b"", LOG_KEY_ID)
    return Snapshot(entries, unsigned.head, sign(LOG, unsigned.signed_digest(shown)), LOG_KEY_ID)


def fetched_json(data: bytes = CAPSULE, index: int = 1, entries: list[bytes] | None = None) -> bytes:
    """The answer of FetchCapsule as grpcurl prints it."""
    shown = entries or ENTRIES
    leaves = [leaf_hash(entry) for entry in shown]
    size, newest = len(shown), head(len(shown), shown)
    path = inclusion_proof(index, size, reader_of(leaves))
    consistency = consistency_proof(index + 1, size, reader_of(leaves))
    answer = {
        "capsuleBytes": b64(data),
        "capsuleHash": b64(sha256(data).digest()),
        "etlIndex": str(index),
        "signedTreeHead": head_json(newest),
        "inclusionProof": {
            "leafHash": b64(leaf_hash(data)),
            "leafIndex": str(index),
            "treeSize": str(size),
            "auditPath": [b64(one) for one in path],
        },
        "consistencyProof": {
            "oldTreeSize": str(index + 1),
            "newTreeSize": str(size),
            "path": [b64(one) for one in consistency],
        },
        "rootHash": b64(newest.root_hash),
        "treeSize": str(size),
    }
    return json.dumps(answer).encode()


def head_json(one: TreeHead) -> dict[str, str]:
    return {
        "treeSize": str(one.tree_size),
        "rootHash": b64(one.root_hash),
        "signature": b64(one.signature),
        "keyId": b64(one.key_id),
    }


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def snapshot_json(one: Snapshot) -> bytes:
    """A list of revocations as grpcurl prints it."""
    entries = [
        {"claimId": b64(row.capsule_hash), "timestampUnix": str(row.timestamp_unix), "reason": row.reason}
        for row in one.entries
    ]
    message: dict[str, Any] = {"entries": entries, "signature": b64(one.signature), "keyId": b64(one.key_id)}
    return json.dumps(message | ({"signedTreeHead": head_json(one.head)} if one.head else {})).encode()
