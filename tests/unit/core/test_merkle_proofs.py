from __future__ import annotations

import pytest

from ledger.core.merkle import (
    consistency_proof,
    inclusion_proof,
    inclusion_steps,
    leaf_hash,
    range_proof,
    reader_of,
    root,
    root_from_range,
    verify_consistency,
    verify_inclusion,
    verify_range,
)
from ledger.core.types import Hash
from ledger.errors import ConsistencyInvalid, InclusionInvalid, ProofMalformed, RangeRootMismatch
from tests.vectors.known_trees import ENTRIES, FIRST_OF_EIGHT, ROOTS

LEAVES = [leaf_hash(entry) for entry in ENTRIES]
READ = reader_of(LEAVES)
PROOF = [Hash(bytes.fromhex(node)) for node in FIRST_OF_EIGHT]
ROOT = [Hash(bytes.fromhex(value)) for value in ROOTS]
OTHER = leaf_hash(b"other")
SHORT = Hash(OTHER[:31])


def test_the_published_proof_is_made_and_verifies() -> None:
    assert inclusion_proof(0, 8, READ) == PROOF == consistency_proof(1, 8, READ)
    verify_inclusion(0, 8, LEAVES[0], PROOF, ROOT[8])
    verify_consistency(1, 8, PROOF, ROOT[1], ROOT[8])


@pytest.mark.parametrize("size", range(1, 9))
def test_every_proof_of_a_small_tree_verifies(size: int) -> None:
    for index in range(size):
        verify_inclusion(index, size, LEAVES[index], inclusion_proof(index, size, READ), ROOT[size])
        proof = consistency_proof(index + 1, size, READ)
        verify_consistency(index + 1, size, proof, ROOT[index + 1], ROOT[size])
        for end in range(index + 1, size + 1):
            verify_range(index, LEAVES[index:end], size, range_proof(index, end, size, READ), ROOT[size])


def test_the_steps_name_sides_and_end_in_the_root() -> None:
    steps = inclusion_steps(4, 7, LEAVES[4], inclusion_proof(4, 7, READ))
    assert [step.side for step in steps] == ["right", "right", "left"]
    assert [step.sibling for step in steps] == [LEAVES[5], LEAVES[6], READ(2, 0)]
    assert steps[-1].result == ROOT[7]


def test_the_only_leaf_is_the_root_and_has_no_steps() -> None:
    assert inclusion_steps(0, 1, LEAVES[0], []) == []
    verify_inclusion(0, 1, LEAVES[0], [], LEAVES[0])
    with pytest.raises(InclusionInvalid):
        verify_inclusion(0, 1, LEAVES[0], [], OTHER)


@pytest.mark.parametrize(("index", "size"), [(8, 8), (-1, 8), (0, 0), (0, 2**63), (9, 8)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ProofMalformed):
        verify_inclusion(index, size, LEAVES[0], PROOF, ROOT[8])
    with pytest.raises(ProofMalformed):
        inclusion_proof(index, size, READ)


@pytest.mark.parametrize("proof", [PROOF[:-1], PROOF[1:], [*PROOF, OTHER], [OTHER, *PROOF], []])
def test_an_inclusion_proof_with_missing_or_extra_hashes_is_malformed(proof: list[Hash]) -> None:
    with pytest.raises(ProofMalformed):
        verify_inclusion(0, 8, LEAVES[0], proof, ROOT[8])


def test_inclusion_refuses_hashes_of_another_length() -> None:
    for leaf, proof, top in (
        (SHORT, PROOF, ROOT[8]),
        (LEAVES[0], [*PROOF[:2], SHORT], ROOT[8]),
        (LEAVES[0], PROOF, SHORT),
    ):
        with pytest.raises(ProofMalformed):
            verify_inclusion(0, 8, leaf, proof, top)
    with pytest.raises(ProofMalformed):
        verify_inclusion(0, 1, Hash(b""), [], Hash(b""))


@pytest.mark.parametrize("index", [1, 2, 4])
def test_a_proof_for_another_place_is_invalid(index: int) -> None:
    with pytest.raises(InclusionInvalid):
        verify_inclusion(index, 8, LEAVES[0], PROOF, ROOT[8])


def test_another_leaf_or_root_is_invalid() -> None:
    with pytest.raises(InclusionInvalid):
        verify_inclusion(0, 8, OTHER, PROOF, ROOT[8])
    with pytest.raises(InclusionInvalid):
        verify_inclusion(0, 8, LEAVES[0], PROOF, ROOT[7])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 8), (8, 7), (-1, 8), (1, 2**63)])
def test_sizes_that_prove_nothing_are_refused(old: int, new: int) -> None:
    for proof in ([], PROOF):
        with pytest.raises(ProofMalformed):
            verify_consistency(old, new, proof, ROOT[0], ROOT[0])


def test_only_the_prover_knows_the_empty_tree() -> None:
    assert consistency_proof(0, 8, READ) == []
    assert consistency_proof(8, 8, READ) == []
    for old, new in ((8, 7), (-1, 7), (1, 2**63)):
        with pytest.raises(ProofMalformed):
            consistency_proof(old, new, READ)


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    verify_consistency(8, 8, [], ROOT[8], ROOT[8])
    with pytest.raises(ConsistencyInvalid):
        verify_consistency(8, 8, [], ROOT[7], ROOT[8])
    with pytest.raises(ProofMalformed):
        verify_consistency(8, 8, [OTHER], ROOT[8], ROOT[8])


@pytest.mark.parametrize("old", range(1, 8))
def test_a_consistency_proof_with_missing_or_extra_hashes_is_malformed(old: int) -> None:
    proof = consistency_proof(old, 8, READ)
    verify_consistency(old, 8, proof, ROOT[old], ROOT[8])
    for broken in (proof[:-1], proof[1:], [*proof, OTHER], [OTHER, *proof], []):
        with pytest.raises(ProofMalformed):
            verify_consistency(old, 8, broken, ROOT[old], ROOT[8])


@pytest.mark.parametrize("old", range(1, 8))
def test_both_roots_must_be_reached(old: int) -> None:
    proof = consistency_proof(old, 8, READ)
    for old_root, new_root in ((OTHER, ROOT[8]), (ROOT[old], OTHER), (ROOT[8], ROOT[old])):
        with pytest.raises(ConsistencyInvalid):
            verify_consistency(old, 8, proof, old_root, new_root)


def test_consistency_refuses_hashes_of_another_length() -> None:
    for proof, old_root, new_root in (
        ([SHORT, *PROOF[1:]], ROOT[1], ROOT[8]),
        (PROOF, SHORT, ROOT[8]),
        (PROOF, ROOT[1], SHORT),
    ):
        with pytest.raises(ProofMalformed):
            verify_consistency(1, 8, proof, old_root, new_root)


def test_the_whole_tree_and_a_single_leaf_are_ranges() -> None:
    assert range_proof(0, 8, 8, READ) == []
    verify_range(0, LEAVES, 8, [], ROOT[8])
    assert range_proof(0, 1, 8, READ) == PROOF
    verify_range(0, LEAVES[:1], 8, PROOF, ROOT[8])


def test_the_hashes_stand_left_to_right() -> None:
    proof = range_proof(3, 5, 7, READ)
    assert proof == [READ(1, 0), LEAVES[2], LEAVES[5], LEAVES[6]]
    assert root_from_range(3, LEAVES[3:5], 7, proof) == ROOT[7]


def test_a_ragged_end_is_one_hash() -> None:
    assert range_proof(0, 4, 7, READ) == [root(LEAVES[4:7])]


@pytest.mark.parametrize(
    ("start", "end", "size"), [(3, 3, 8), (4, 3, 8), (-1, 3, 8), (0, 9, 8), (0, 0, 0), (0, 1, 2**63)]
)
def test_a_range_without_leaves_or_outside_the_tree_is_refused(start: int, end: int, size: int) -> None:
    with pytest.raises(ProofMalformed):
        range_proof(start, end, size, READ)
    with pytest.raises(ProofMalformed):
        verify_range(start, [OTHER] * max(0, end - start), size, [], ROOT[8])


def test_a_range_proof_with_missing_or_extra_hashes_is_malformed() -> None:
    proof = range_proof(2, 5, 8, READ)
    for broken in (proof[:-1], proof[1:], [*proof, OTHER], []):
        with pytest.raises(ProofMalformed):
            verify_range(2, LEAVES[2:5], 8, broken, ROOT[8])


def test_range_refuses_hashes_of_another_length() -> None:
    proof = range_proof(2, 5, 8, READ)
    for leaves, nodes, top in (
        ([SHORT, *LEAVES[3:5]], proof, ROOT[8]),
        (LEAVES[2:5], [SHORT, *proof[1:]], ROOT[8]),
        (LEAVES[2:5], proof, SHORT),
    ):
        with pytest.raises(ProofMalformed):
            verify_range(2, leaves, 8, nodes, top)


def test_left_out_put_in_or_moved_leaves_are_noticed() -> None:
    proof = range_proof(2, 5, 8, READ)
    for start, leaves in ((2, [LEAVES[3], LEAVES[2], LEAVES[4]]), (2, [*LEAVES[2:4], OTHER])):
        with pytest.raises(RangeRootMismatch):
            verify_range(start, leaves, 8, proof, ROOT[8])
    for start, leaves in ((2, LEAVES[2:4]), (2, LEAVES[2:6]), (3, LEAVES[2:5])):
        with pytest.raises((ProofMalformed, RangeRootMismatch)):
            verify_range(start, leaves, 8, proof, ROOT[8])
