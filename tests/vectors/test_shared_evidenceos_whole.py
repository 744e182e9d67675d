"""No vector of EvidenceOS beside the repository is left out: those that need more than one reader, and all names."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance.evidenceos.core import digests, etl
from governance.evidenceos.core.digests import digest_in, is_signed
from governance.evidenceos.core.epoch import control_faults, read_epoch_control
from governance.evidenceos.core.evalues import sequence
from governance.evidenceos.core.events import nullspec_event_id, read_event
from governance.evidenceos.core.nullspec import Dirichlet, DiscreteBuckets, read_contract
from governance.evidenceos.core.operator import read_operator_config, record_faults
from governance.evidenceos.core.resolution import NO_CALIBRATION, Resolution
from governance.evidenceos.core.revocations import RevocationEntry, Snapshot, snapshot_faults
from governance.evidenceos.core.tree_head import TreeHead, consistency_faults, head_faults, inclusion_faults
from ledger.core.merkle import consistency_proof, inclusion_proof, leaf_hash, reader_of, root
from tests.support.evidenceos import CONTRACT, unsigned
from tests.vectors.shared import SHARED, missing

pytestmark = [
    pytest.mark.optional,
    pytest.mark.skipif(missing("evidenceos"), reason="the set is not beside the repository"),
]
LARGEST = 40


def all_of(name: str) -> Any:
    file = SHARED / "evidenceos" / name
    return json.loads(file.read_bytes()) if file.is_file() else {}


DERIVED, KNOWN = all_of("derived.json"), all_of("known_answers.json")


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


def test_no_name_of_the_set_is_without_its_test() -> None:
    assert set(DERIVED) == {
        "nullspec", "float_format_cases", "governance_events", "oracle_operator_record", "epoch_control",
        "trusted_oracle_keys_json", "etl", "revocations_snapshot", "eprocess", "offline_settlement", "_provenance",
        "consistency_pairs_upstream_verifier_rejects_up_to_40", "sha256_domain_kat", "oracle_resolution_hash",
    }  # fmt: skip
    assert set(KNOWN) == {
        "_provenance", "etl_three_leaves", "etl_record_crc32", "sha256_domain", "domains", "eprocess_k3",
        "nullspec_ttl_boundary",
    }  # fmt: skip


def test_the_three_leaves_of_upstreams_own_test() -> None:
    case = KNOWN["etl_three_leaves"]
    leaves = [leaf_hash(one.encode()) for one in case["entries_utf8"]]
    path = inclusion_proof(1, 3, reader_of(leaves))
    assert [one.hex() for one in leaves] == case["leaf_hashes"]
    assert root(leaves).hex() == etl.root_of(one.encode() for one in case["entries_utf8"]).hex() == case["root"]
    assert [one.hex() for one in path] == case["inclusion_index1_size3"]
    assert list(inclusion_faults(leaves[1], 1, TreeHead(3, root(leaves), b"", b""), path)) == []


def test_the_checksum_of_a_record_and_the_domains() -> None:
    case, domain = KNOWN["etl_record_crc32"], KNOWN["sha256_domain"]
    made = etl.record(case["payload_utf8"].encode())
    assert made[:4].hex() == case["len_le_hex"]
    assert made[-4:][::-1].hex() == case["crc32_hex"]
    for one in (domain, DERIVED["sha256_domain_kat"]):
        assert digest_in(one["domain"], one["payload_utf8"].encode()).hex() == one["digest"]
    assert set(KNOWN["domains"]) == {one.value for one in digests.Domain}


def test_the_e_values_and_the_last_epoch_of_upstreams_own_tests() -> None:
    case, boundary = KNOWN["eprocess_k3"], KNOWN["nullspec_ttl_boundary"]
    p0, alpha = tuple(map(float, case["p0"])), tuple(map(float, case["alpha"]))
    first, second = sequence(unsigned(DiscreteBuckets(p0), Dirichlet(alpha)), case["stream"])
    assert first == pytest.approx((1 / 3) / 0.2, abs=case["tolerance"])
    assert second == pytest.approx(first * ((1 / 4) / 0.5), abs=case["tolerance"])
    held = replace(CONTRACT, epoch_created=boundary["epoch_created"], ttl_epochs=boundary["ttl_epochs"])
    assert (held.is_expired(boundary["not_expired_at"]), held.is_expired(boundary["expired_at"])) == (False, True)


@pytest.mark.parametrize("case", DERIVED.get("nullspec", []), ids=lambda case: case["name"])
def test_a_contract_is_signed_by_its_seed_to_the_same_bytes(case: dict[str, Any]) -> None:
    key, contract = SigningKey(octets(case["seed_hex"])), read_contract(case["canonical_bytes_utf8"].encode())
    made = contract.signed(key.sign(contract.signing_payload()).signature)
    assert made.signature.hex() == case["signature_hex"]
    assert made.canonical() == case["canonical_bytes_utf8"].encode()
    assert sha256(made.canonical()).hexdigest() == case["canonical_sha256"]
    assert key.sign(made.canonical()).signature.hex() == case["detached_registry_sig_hex"]


def test_events_have_their_ids_payloads_and_signatures() -> None:
    case = DERIVED["governance_events"]
    key = SigningKey(octets(case["seed_hex"]))
    for name in ("oracle_ttl_set", "epoch_advanced"):
        told, event = case["events"][name], read_event(case["events"][name]["log_line_utf8"].encode())
        assert event.message().decode() == told["signing_payload_utf8"]
        assert event.computed_id() == told["event_id"]
        assert key.sign(event.message()).signature.hex() == told["signature_hex"] == event.signature_hex
    told = case["events"]["nullspec_install"]
    payload: Any = read_event(told["log_line_utf8"].encode()).payload
    assert nullspec_event_id(octets(payload["nullspec_id"])) == told["event_id"]


def test_an_operator_record_is_signed_in_the_object_form_and_refused_in_the_text_form() -> None:
    case = DERIVED["oracle_operator_record"]
    form, trusted = case["daemon_form"], {case["key_id"]: octets(case["public_key_hex"])}
    value = json.loads(form["canonical_payload_utf8"])
    oracle = value.pop("oracle_id")
    for name in ("daemon_form", "evidenceosctl_string_form_REJECTED_BY_DAEMON"):
        told = json.loads(case[name]["canonical_payload_utf8"])
        told = {**told, "signature_ed25519": case[name]["signature_hex"]}
        del told["oracle_id"]
        records, refused = read_operator_config(json.dumps({"oracles": {oracle: told}}).encode())
        if name != "daemon_form":
            assert [one.path for one in refused.values()] == [f"$.oracles.{oracle}.disjointness_attestation"]
            continue
        record = records[oracle]
        assert record.payload(oracle).decode() == form["canonical_payload_utf8"]
        assert record.signed_digest(oracle).hex() == form["digest_hex"]
        assert list(record_faults(oracle, record, trusted)) == []


def test_an_epoch_is_signed_over_its_digest() -> None:
    case = DERIVED["epoch_control"]
    trusted = {label: octets(key) for label, key in DERIVED["trusted_oracle_keys_json"]["keys"].items()}
    control = read_epoch_control(json.dumps(case["file_json"]).encode())
    assert control.signed_digest().hex() == case["digest_hex"]
    assert control.signature_hex == case["signature_hex"]
    assert list(control_faults(control, trusted)) == []


def test_heads_and_a_list_of_revocations_are_signed_over_their_digests() -> None:
    log, case = DERIVED["etl"], DERIVED["revocations_snapshot"]
    keys = {octets(log["key_id_hex"]): octets(log["public_key_hex"])}
    assert etl.root_of([]).hex() == log["empty_root"]
    for told in [*log["signed_tree_heads"], case["sth"]]:
        one = TreeHead(told["tree_size"], octets(told["root_hash"]), octets(told["signature"]), *keys)
        assert one.signed_digest().hex() == told["digest"]
        assert list(head_faults(one, keys)) == []
    rows = [RevocationEntry(octets(one["claim_id_hex"]), one["timestamp_unix"], one["reason"])
            for one in case["entries"]]  # fmt: skip
    found = Snapshot(tuple(rows), one, octets(case["signature"]), octets(case["sth"]["key_id"]))
    assert found.signed_digest(one).hex() == case["digest"]
    assert digest_in(digests.Domain.REVOCATIONS, octets(case["payload_hex"])).hex() == case["digest"]
    assert list(snapshot_faults(found, one, keys)) == []


def test_every_pair_up_to_40_verifies_also_those_that_upstream_rejects() -> None:
    rejected = {tuple(pair) for pair in DERIVED["consistency_pairs_upstream_verifier_rejects_up_to_40"]}
    assert len(rejected) == 71
    leaves, seen = [leaf_hash(b"%d" % place) for place in range(LARGEST)], set[tuple[int, int]]()
    for new in range(1, LARGEST + 1):
        head = TreeHead(new, root(leaves[:new]), b"", b"")
        for old in range(1, new + 1):
            path = consistency_proof(old, new, reader_of(leaves))
            assert list(consistency_faults(old, root(leaves[:old]), head, path)) == []
            seen.add((old, new))
    assert len(seen) == 820
    assert rejected <= seen


@pytest.mark.parametrize("case", DERIVED.get("oracle_resolution_hash", []), ids=lambda case: case["name"])
def test_a_resolution_has_the_bytes_of_the_struct(case: dict[str, Any]) -> None:
    told = json.loads(case["json_utf8"])
    made = Resolution(
        told["num_symbols"], bytes(told["calibration_manifest_hash"]), told["calibrated_at_epoch"], told["ttl_epochs"]
    )
    assert made.to_bytes().decode() == case["json_utf8"]
    assert made.hash().hex() == case["sha256"]
    assert bytes(32) == NO_CALIBRATION


def test_the_offline_settlement_is_signed_by_its_seed() -> None:
    case = DERIVED["offline_settlement"]
    key = SigningKey(octets(case["seed_hex"]))
    assert key.sign(case["signing_bytes_utf8"].encode()).signature.hex() == case["signature_hex"]
    public, signature = octets(case["signer_public_key_hex"]), octets(case["signature_hex"])
    assert is_signed(public, case["signing_bytes_utf8"].encode(), signature)
