"""A claim of EvidenceOS verified offline: capsule, proof of inclusion, tree head and the list of revocations.

Guarantees that nothing is taken from the daemon but bytes: keys come from whoever verifies. A claim is `verified` only
if it is in the log under a head that they trust, and neither it nor what it rests on is in a list at least as new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from governance.evidenceos.core.capsule import Capsule, capsule_faults, contract_faults, read_capsule
from governance.evidenceos.core.faults import Fault, fault_of
from governance.evidenceos.core.nullspec import Contract
from governance.evidenceos.core.proto import Fetched
from governance.evidenceos.core.report import Findings
from governance.evidenceos.core.revocations import Snapshot, snapshot_faults
from governance.evidenceos.core.tree_head import TreeHead, consistency_faults, head_faults, inclusion_faults
from governance.evidenceos.errors import EvidenceOSRefused
from ledger.core.merkle import leaf_hash
from ledger.core.report import Report

NOT_CLAIMED: Final = (
    "that the claim is true: only that this capsule is in the log and was not revoked",
    "that the list of revocations is whole: a later message of the daemon's stream looks like a list of one",
    "when it was logged: a tree head has no time",
)


@dataclass(frozen=True, slots=True)
class ClaimInput:
    """What is verified, and what it is held against.

    `keys` has the public key of each key id; `remembered` is a head seen before; `dependencies` are capsules that the
    claim rests on, by hash.
    """

    fetched: Fetched
    keys: Mapping[bytes, bytes]
    revocations: Snapshot | None = None
    remembered: TreeHead | None = None
    contract: Contract | None = None
    claim_id: str | None = None
    dependencies: Mapping[bytes, bytes] = field(default_factory=dict)


def verify_claim(given: ClaimInput) -> Report:
    """Return the report on one claim; never raises for what the daemon sent."""
    findings = Findings()
    capsule = _capsule(given, findings)
    _head(given, findings)
    _remembered(given, findings)
    if capsule is not None:
        _contract(given, capsule, findings)
        _standing(given, capsule, findings)
    for sentence in NOT_CLAIMED:
        findings.not_claimed(sentence)
    return findings.report()


def _capsule(given: ClaimInput, findings: Findings) -> Capsule | None:
    fetched = given.fetched
    findings.subject["etl_index"] = fetched.etl_index
    try:
        capsule = read_capsule(fetched.capsule)
    except EvidenceOSRefused as error:
        findings.step("capsule", [fault_of(error, "capsule")])
        return None
    findings.subject |= {"claim_id": capsule.claim_id_hex, "capsule_hash": capsule.hash.hex()}
    findings.step("capsule", (fault.inside("capsule") for fault in _stated(given, capsule)))
    return capsule


def _stated(given: ClaimInput, capsule: Capsule) -> Iterator[Fault]:
    yield from capsule_faults(capsule)
    if given.fetched.capsule_hash != capsule.hash:
        told = f"{capsule.hash.hex()} with {given.fetched.capsule_hash.hex()}"
        yield Fault("capsule_hash_mismatch", "capsule_hash", told)
    if given.claim_id not in (None, capsule.claim_id_hex):
        yield Fault("capsule_mismatch", "$.claim_id_hex", f"{capsule.claim_id_hex[:64]!a} with {given.claim_id!a}")


def _head(given: ClaimInput, findings: Findings) -> None:
    head = given.fetched.head
    if head is None:
        findings.skipped(Fault("tree_head_missing", "signed_tree_head", "the answer has none"))
        return
    findings.subject |= {"tree_size": head.tree_size, "root": head.root_hash.hex()}
    findings.step("head", (fault.inside("signed_tree_head") for fault in head_faults(head, given.keys)))
    if given.fetched.inclusion is None:
        findings.skipped(Fault("inclusion_missing", "inclusion_proof", "the answer has none"))
        return
    findings.step("inclusion", _inclusion(given.fetched, head))


def _inclusion(fetched: Fetched, head: TreeHead) -> Iterator[Fault]:
    proof = fetched.inclusion
    if proof is None:
        return
    leaf = leaf_hash(fetched.capsule)
    if proof.leaf_hash != leaf:
        yield Fault("etl_leaf_mismatch", "inclusion_proof", f"{proof.leaf_hash.hex()} with {leaf.hex()}")
    places = (
        (proof.leaf_index, fetched.etl_index),
        (proof.tree_size, head.tree_size),
        (fetched.tree_size, head.tree_size),
    )
    if any(one != other for one, other in places) or fetched.root_hash != head.root_hash:
        place, other = f"{proof.leaf_index} of {proof.tree_size}", f"{fetched.etl_index} of {head.tree_size}"
        yield Fault("etl_place_mismatch", "inclusion_proof", f"index {place} with index {other}, and both roots")
    yield from inclusion_faults(leaf, fetched.etl_index, head, proof.audit_path)


def _remembered(given: ClaimInput, findings: Findings) -> None:
    """A head seen before: of the same size it has to be the same, else the answer's path has to lead from it."""
    old, head, proof = given.remembered, given.fetched.head, given.fetched.consistency
    if old is None or head is None:
        return
    if old.tree_size == head.tree_size:
        findings.step("remembered", _same(old, head))
    elif proof is not None and (proof.old_tree_size, proof.new_tree_size) == (old.tree_size, head.tree_size):
        findings.step("remembered", consistency_faults(old.tree_size, old.root_hash, head, proof.path))
    else:
        findings.not_claimed(f"that the head of size {old.tree_size} is part of this log: no path from it is shown")


def _same(old: TreeHead, head: TreeHead) -> Iterator[Fault]:
    if old.root_hash != head.root_hash:
        told = f"{old.root_hash.hex()} with {head.root_hash.hex()}"
        yield Fault("tree_heads_differ", f"size {head.tree_size}", told)


def _contract(given: ClaimInput, capsule: Capsule, findings: Findings) -> None:
    if given.contract is not None:
        findings.step("contract", (fault.inside("capsule") for fault in contract_faults(capsule, given.contract)))


def _standing(given: ClaimInput, capsule: Capsule, findings: Findings) -> None:
    snapshot = given.revocations
    if snapshot is None:
        findings.skipped(Fault("revocations_missing", "revocations", "no list was given"))
        return
    findings.step("revocations", (fault.inside("revocations") for fault in _listed(given, snapshot)))
    findings.step("standing", _revoked(given, capsule, snapshot))


def _listed(given: ClaimInput, snapshot: Snapshot) -> Iterator[Fault]:
    """Signature and age. Without a head of its own, the list can only be of the capsule's."""
    own, head = snapshot.head, snapshot.head or given.fetched.head
    if head is None:
        yield Fault("revocations_head_missing", "$.signed_tree_head", "neither the list nor the capsule has one")
        return
    found = list(snapshot_faults(snapshot, head, given.keys))
    if own is None and [fault.code for fault in found] == ["revocations_signature_wrong"]:
        found = [Fault("revocations_head_missing", "$.signed_tree_head", found[0].message)]
    yield from found
    if own is not None:
        yield from _own_head(own, given)


def _own_head(own: TreeHead, given: ClaimInput) -> Iterator[Fault]:
    yield from head_faults(own, given.keys)
    head = given.fetched.head
    if head is None:
        return
    if own.tree_size < head.tree_size:
        yield Fault("revocations_older", "$.signed_tree_head", f"size {own.tree_size} with {head.tree_size}")
    if own.tree_size == head.tree_size:
        yield from _same(own, head)


def _revoked(given: ClaimInput, capsule: Capsule, snapshot: Snapshot) -> Iterator[Fault]:
    """The capsule and, as far as they are shown, all that it rests on."""
    reason = snapshot.reason_for(capsule.hash)
    if reason is not None:
        yield Fault("claim_revoked", "capsule", f"it was revoked: {reason[:200]!a}")
    seen, waiting, unknown = {capsule.hash}, list(capsule.dependencies), 0
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if snapshot.reason_for(one) is not None:
            yield Fault("claim_tainted", "$.dependency_capsule_hashes", f"it rests on {one.hex()}, which was revoked")
        further = _dependencies_of(given, one)
        unknown += further is None
        waiting += further or []
    if unknown:
        told = f"{unknown} capsules that it rests on are not shown"
        yield Fault("dependencies_unknown", "$.dependency_capsule_hashes", told)


def _dependencies_of(given: ClaimInput, capsule_hash: bytes) -> list[bytes] | None:
    """What a capsule rests on; None where it is not shown, or not the one that was named."""
    try:
        shown = read_capsule(given.dependencies[capsule_hash])
    except (KeyError, EvidenceOSRefused):
        return None
    return list(shown.dependencies) if shown.hash == capsule_hash else None
