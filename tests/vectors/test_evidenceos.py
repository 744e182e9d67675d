"""The formats of EvidenceOS give the known answers."""

from __future__ import annotations

from hashlib import sha256

import pytest
from nacl.signing import SigningKey

from governance.evidenceos.core import etl
from governance.evidenceos.core.digests import digest_in, log_key_id
from governance.evidenceos.core.epoch import EpochControl
from governance.evidenceos.core.events import GovernanceEvent, nullspec_event_id
from governance.evidenceos.core.nullspec import Contract, Dirichlet, DiscreteBuckets
from governance.evidenceos.core.operator import STATEMENT_TYPE, Attestation, OperatorRecord
from governance.evidenceos.core.resolution import NO_CALIBRATION, Resolution
from governance.evidenceos.core.revocations import RevocationEntry, Snapshot
from governance.evidenceos.core.tree_head import TreeHead, consistency_faults, head_digest, inclusion_faults
from ledger.core.merkle import consistency_proof, inclusion_proof, leaf_hash, reader_of, root
from ledger.core.types import JSON
from tests.vectors import known_evidenceos as known

ENTRIES = [b"entry-%04d" % number for number in range(16)]
PAYLOADS: dict[str, JSON] = {
    "oracle_ttl_set": {"oracle_id": "settle", "ttl_epochs": 86400},
    "epoch_advanced": {"to": 42},
}


def sample() -> Contract:
    kind, eprocess = DiscreteBuckets((0.2, 0.3, 0.5)), Dirichlet((1.0, 1.0, 1.0))
    return Contract("o1", b"\7" * 32, "h1", 10, 20, kind, eprocess, b"\t" * 32, "op1")


def test_a_domain_stands_in_front_without_a_separator() -> None:
    domain, payload, digest = known.DOMAIN_DIGEST
    assert digest_in(domain, payload).hex() == digest


def test_a_contracts_id_signature_file_and_detached_signature() -> None:
    key = SigningKey(b"\3" * 32)
    contract = sample().signed(bytes(key.sign(sample().signing_payload()).signature))
    assert contract.nullspec_id.hex() == known.NULLSPEC_ID
    assert contract.signature.hex() == known.NULLSPEC_SIGNATURE
    assert sha256(contract.canonical()).hexdigest() == known.NULLSPEC_FILE_DIGEST
    assert bytes(key.sign(contract.canonical()).signature).hex() == known.REGISTRY_SIGNATURE


@pytest.mark.parametrize(("symbols", "calibration", "epoch", "ttl", "digest"), known.RESOLUTION_HASHES)
def test_a_resolution_is_hashed_in_struct_order(
    symbols: int, calibration: str | None, epoch: int, ttl: int | None, digest: str
) -> None:
    manifest = bytes.fromhex(calibration) if calibration else NO_CALIBRATION
    assert Resolution(symbols, manifest, epoch, ttl).hash().hex() == digest


@pytest.mark.parametrize(("symbols", "bits"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (256, 8), (257, 9)])
def test_the_bit_width_is_the_logarithm_rounded_up(symbols: int, bits: int) -> None:
    assert Resolution(symbols).bit_width == bits


def test_the_digest_of_an_operator_record() -> None:
    attestation = Attestation(STATEMENT_TYPE, "global/settle", "cd" * 32)
    record = OperatorRecord(86400, 1735689600, "ops-k1", "ab" * 32, 10, attestation)
    assert record.signed_digest("settle").hex() == known.RECORD_DIGEST


def test_the_digest_of_an_epoch_does_not_cover_its_event() -> None:
    control = EpochControl(42, 1735689600, "ops-k1", None, "event")
    assert control.signed_digest().hex() == known.EPOCH_DIGEST


@pytest.mark.parametrize("name", known.EVENT_IDS)
def test_the_id_of_a_signed_event_is_the_hash_of_its_message(name: str) -> None:
    event = GovernanceEvent(name, 1735689600, "ops-k1", PAYLOADS[name])
    assert event.computed_id() == known.EVENT_IDS[name]


def test_install_and_activation_share_the_id_made_of_the_contracts() -> None:
    contract = bytes.fromhex("218c3710c2f5c2cd1998f97f391dc42a0848e494fa9a2c4e0c0944f9bb4ebef6")
    assert nullspec_event_id(contract) == "faf02aac335cd4892e58899168fa83e68113e0c5887b83a956aa60a1601ca910"


@pytest.mark.parametrize("size", known.HEAD_DIGESTS)
def test_roots_and_the_digests_of_their_heads(size: int) -> None:
    root_hex, digest = known.HEAD_DIGESTS[size]
    assert etl.root_of(ENTRIES[:size]).hex() == root_hex
    assert head_digest(size, bytes.fromhex(root_hex)).hex() == digest


def test_a_record_of_the_log() -> None:
    assert etl.record(b"abc").hex() == known.RECORD_OF_ABC
    assert etl.record(ENTRIES[0]).hex() == "0a000000656e7472792d30303030e4c4adcb"


def test_a_revocations_snapshot() -> None:
    public = bytes(SigningKey(b"\7" * 32).verify_key)
    assert log_key_id(public).hex() == known.KEY_ID_OF_SEED_7
    head = TreeHead(16, etl.root_of(ENTRIES), b"", log_key_id(public))
    snapshot = Snapshot((RevocationEntry(b"\xab" * 32, 1735689600, "bad data"),), head, b"", log_key_id(public))
    assert snapshot.signed_digest(head).hex() == known.REVOCATIONS_DIGEST


@pytest.mark.parametrize(("old", "new"), known.PAIRS_UPSTREAM_REJECTS)
def test_sound_proofs_verify_that_upstream_rejects(old: int, new: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(new)]
    head = TreeHead(new, root(leaves), b"", b"")
    path = consistency_proof(old, new, reader_of(leaves))
    assert list(consistency_faults(old, root(leaves[:old]), head, path)) == []
    assert [one.code for one in consistency_faults(old, root(leaves[:old]), head, path[1:])] == [
        "etl_consistency_invalid"
    ]


def test_from_the_empty_log_only_the_empty_path_leads() -> None:
    head = TreeHead(2, b"\1" * 32, b"", b"")
    assert list(consistency_faults(0, etl.root_of([]), head, [])) == []
    assert list(consistency_faults(0, b"\0" * 32, head, [])) != []
    assert list(consistency_faults(0, etl.root_of([]), head, [b"\0" * 32])) != []


def test_inclusion_needs_the_very_path() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    head = TreeHead(16, root(leaves), b"", b"")
    path = inclusion_proof(11, 16, reader_of(leaves))
    assert list(inclusion_faults(leaves[11], 11, head, path)) == []
    assert [one.code for one in inclusion_faults(leaves[11], 10, head, path)] == ["etl_inclusion_invalid"]
