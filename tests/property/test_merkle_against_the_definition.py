from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
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
from ledger.errors import Disproved, LedgerError, ProofMalformed
from tests.property.trees import naive_consistency, naive_inclusion, naive_range, naive_root

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(600)]
READ = reader_of(LEAVES)
SIZES = st.integers(1, 130) | st.sampled_from([255, 256, 257, 511, 512, 513, 600])


@pytest.mark.parametrize("size", range(34))
def test_every_small_tree_is_the_definition(size: int) -> None:
    leaves, top = LEAVES[:size], Hash(naive_root(list(LEAVES[:size])))
    edge = Frontier()
    edge.extend(leaves)
    assert root(leaves) == edge.root() == top
    for start in range(size):
        assert inclusion_proof(start, size, READ) == naive_inclusion(start, list(leaves))
        old = start + 1
        assert consistency_proof(old, size, READ) == naive_consistency(old, list(leaves))
        verify_consistency(old, size, consistency_proof(old, size, READ), root(leaves[:old]), top)
        for end in range(start + 1, size + 1):
            proof = range_proof(start, end, size, READ)
            assert proof == naive_range(start, end, list(leaves))
            verify_range(start, leaves[start:end], size, proof, top)


@given(SIZES, st.data())
def test_larger_trees_are_the_definition(size: int, data: st.DataObject) -> None:
    leaves = list(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(index + 1, size))
    top = Hash(naive_root(leaves))
    assert inclusion_proof(index, size, READ) == naive_inclusion(index, leaves)
    assert consistency_proof(end, size, READ) == naive_consistency(end, leaves)
    assert root_from_range(index, LEAVES[index:end], size, range_proof(index, end, size, READ)) == top


Proof = list[Hash]


def flipped(proof: Proof, place: int, bit: int) -> Proof:
    changed = bytearray(proof[place])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:place], Hash(bytes(changed)), *proof[place + 1 :]]


CHANGES: dict[str, Callable[[Proof, int, int], Proof]] = {
    "flip": flipped,
    "drop": lambda proof, place, _bit: proof[:place] + proof[place + 1 :],
    "repeat": lambda proof, place, _bit: [*proof[: place + 1], *proof[place:]],
    "insert": lambda proof, place, bit: [*proof[:place], LEAVES[bit], *proof[place:]],
    "cut": lambda proof, place, bit: [*proof[:place], Hash(proof[place][: bit % 32]), *proof[place + 1 :]],
    "swap": lambda proof, place, _bit: [proof[-1], *proof[1:-1], proof[0]] if place else proof[::-1],
}
REACHED: Counter[str] = Counter()


def refusal_of(verify: Callable[[Proof], None], proof: Proof) -> str:
    try:
        verify(proof)
    except ProofMalformed:
        return "malformed"
    except Disproved:
        return "disproved"
    return "verified"


@settings(max_examples=400)
@given(SIZES, st.sampled_from(sorted(CHANGES)), st.data())
def _changed_proofs(size: int, change: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(index + 1, size))
    top = root(LEAVES[:size])
    checks: dict[str, tuple[Proof, Callable[[Proof], None]]] = {
        "inclusion": (
            inclusion_proof(index, size, READ),
            lambda proof: verify_inclusion(index, size, LEAVES[index], proof, top),
        ),
        "consistency": (
            consistency_proof(end, size, READ),
            lambda proof: verify_consistency(end, size, proof, root(LEAVES[:end]), top),
        ),
        "range": (
            range_proof(index, end, size, READ),
            lambda proof: verify_range(index, LEAVES[index:end], size, proof, top),
        ),
    }
    for kind, (proof, verify) in checks.items():
        verify(proof)
        if not proof:
            continue
        place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        broken = CHANGES[change](proof, place, bit)
        if broken == proof:
            continue
        answer = refusal_of(verify, broken)
        REACHED[f"{kind} {answer}"] += 1
        assert answer != "verified", (kind, change, size, index, end)


def test_changed_proofs_never_verify_and_both_refusals_are_reached() -> None:
    REACHED.clear()
    _changed_proofs()
    for kind in ("inclusion", "consistency", "range"):
        for answer in ("malformed", "disproved"):
            assert REACHED[f"{kind} {answer}"] >= 20, REACHED


@given(SIZES, SIZES, st.data())
def test_a_proof_belongs_to_its_index_and_size_alone(size: int, other: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    moved = data.draw(st.integers(0, other - 1))
    proof, top = inclusion_proof(index, size, READ), root(LEAVES[:size])
    if (index, size) == (moved, other):
        return
    try:
        verify_inclusion(moved, other, LEAVES[index], proof, top)
    except LedgerError:
        return
    # The same path can serve another size only where that size gives the leaf the same sides.
    assert index == moved
    assert len(proof) == len(naive_inclusion(moved, list(LEAVES[:other])))
