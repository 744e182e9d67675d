"""The derived vectors of EvidenceOS beside the repository, whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance.evidenceos.core import etl
from governance.evidenceos.core.buckets import read_buckets
from governance.evidenceos.core.epoch import control_faults, read_epoch_control
from governance.evidenceos.core.evalues import sequence
from governance.evidenceos.core.events import event_faults, read_event
from governance.evidenceos.core.floats import serde_float
from governance.evidenceos.core.jsons import canonical
from governance.evidenceos.core.keys import read_trusted_keys
from governance.evidenceos.core.nullspec import (
    Dirichlet,
    DiscreteBuckets,
    FixedAlternative,
    ParametricBernoulli,
    read_contract,
)
from governance.evidenceos.core.nullspec_checks import signature_faults
from governance.evidenceos.core.registry import Entry, entry_faults
from governance.evidenceos.core.settlement import read_settlement, settlement_faults
from governance.evidenceos.core.tree_head import TreeHead, consistency_faults, head_faults, inclusion_faults
from ledger.core.merkle import leaf_hash
from tests.support.evidenceos import unsigned
from tests.vectors.shared import SHARED, missing

pytestmark = [
    pytest.mark.optional,
    pytest.mark.skipif(missing("evidenceos"), reason="the set is not beside the repository"),
]


def derived(name: str) -> Any:
    file = SHARED / "evidenceos" / "derived.json"
    return json.loads(file.read_bytes())[name] if file.is_file() else []


def test_every_float_is_written_as_shown() -> None:
    assert len(derived("float_format_cases")) >= 8
    for case in derived("float_format_cases"):
        assert serde_float(float(case["value_repr"])) == case["json"]


@pytest.mark.parametrize("case", derived("nullspec"), ids=lambda case: case["name"])
def test_every_contract_reads_writes_and_verifies(case: dict[str, Any]) -> None:
    data = case["canonical_bytes_utf8"].encode()
    contract = read_contract(data)
    keyring = {contract.created_by: bytes.fromhex(case["public_key_hex"])}
    assert contract.canonical() == data
    assert contract.signing_payload() == case["signing_payload_utf8"].encode()
    assert contract.computed_id().hex() == case["nullspec_id_hex"]
    assert list(signature_faults(contract, keyring)) == []
    signature = bytes.fromhex(case["detached_registry_sig_hex"])
    entry = Entry(contract.oracle_id, contract.nullspec_id.hex(), contract, data, signature)
    assert list(entry_faults(entry, keyring)) == []


def test_buckets_give_upstreams_probabilities() -> None:
    case = next(one for one in derived("nullspec") if "calibration_buckets_file" in one)
    found = read_buckets(json.dumps(case["calibration_buckets_file"]).encode())
    contract = read_contract(case["canonical_bytes_utf8"].encode())
    assert (contract.kind, contract.eprocess) == (found.null(), found.mixture(case["alpha"]))


def test_events_epoch_and_trusted_keys() -> None:
    keys, faults = read_trusted_keys(json.dumps(derived("trusted_oracle_keys_json")).encode())
    assert faults == []
    for case in derived("governance_events")["events"].values():
        event = read_event(case["log_line_utf8"].encode())
        assert event.to_line().decode() == case["log_line_utf8"] + "\n"
        assert list(event_faults(event, keys)) == []
    control = read_epoch_control(json.dumps(derived("epoch_control")["file_json"]).encode())
    assert control.payload().decode() == derived("epoch_control")["canonical_payload_utf8"]
    assert list(control_faults(control, keys)) == []


def test_the_log_its_heads_and_proofs() -> None:
    log = derived("etl")
    entries = [entry.encode() for entry in log["entries_utf8"]]
    assert [leaf_hash(entry).hex() for entry in entries] == log["leaf_hashes"]
    assert [etl.record(entry).hex() for entry in entries[:2]] == log["record_framing_hex"]
    keys = {bytes.fromhex(log["key_id_hex"]): bytes.fromhex(log["public_key_hex"])}
    for case in log["signed_tree_heads"]:
        signed = (bytes.fromhex(case[name]) for name in ("root_hash", "signature", "key_id"))
        assert list(head_faults(TreeHead(case["tree_size"], *signed), keys)) == []
    for case in log["inclusion"]:
        path = [bytes.fromhex(one) for one in case["audit_path"]]
        head = TreeHead(case["tree_size"], etl.root_of(entries[: case["tree_size"]]), b"", b"")
        index = case["leaf_index"]
        assert list(inclusion_faults(leaf_hash(entries[index]), index, head, path)) == []
    for case in log["consistency"]:
        path = [bytes.fromhex(one) for one in case["path"]]
        head = TreeHead(case["new"], etl.root_of(entries[: case["new"]]), b"", b"")
        assert list(consistency_faults(case["old"], etl.root_of(entries[: case["old"]]), head, path)) == []
    assert (
        etl.read_revocation(log["revocation_entry_bytes_utf8"].encode()).to_bytes().decode()
        == (log["revocation_entry_bytes_utf8"])
    )


@pytest.mark.parametrize("case", derived("eprocess"), ids=lambda case: case["name"])
def test_every_e_process(case: dict[str, Any]) -> None:
    if "alpha" in case:
        contract = unsigned(DiscreteBuckets(tuple(case["p0"])), Dirichlet(tuple(case["alpha"])))
    else:
        contract = unsigned(ParametricBernoulli(case["p"]), FixedAlternative(tuple(case["alt"])))
    assert sequence(contract, case["stream"]) == case["e"]


def test_the_offline_settlement() -> None:
    case = derived("offline_settlement")
    record = {name: case[name] for name in ("proposal", "signer_public_key_hex", "signature_hex")}
    found = read_settlement(canonical(record))
    assert found.proposal.signing_payload().decode() == case["signing_bytes_utf8"]
    assert list(settlement_faults(found, bytes.fromhex(case["signer_public_key_hex"]))) == []
