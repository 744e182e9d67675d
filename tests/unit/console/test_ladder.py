from __future__ import annotations

import pytest

from console.ladder import Signature, ladder_of
from ledger.core.merkle import inclusion_proof, leaf_hash, reader_of, root
from ledger.core.types import Hash

SIZE = 45
LEAVES = [b"leaf %d" % number for number in range(SIZE)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def path(index: int) -> list[Hash]:
    return inclusion_proof(index, SIZE, reader_of(HASHES))


@pytest.mark.parametrize("index", [0, 1, 21, 43, 44])
def test_it_climbs_to_the_signed_root(index: int) -> None:
    ladder = ladder_of(LEAVES[index], index, SIZE, path(index), root(HASHES))
    assert ladder.equal
    assert ladder.root == root(HASHES)
    assert [bytes.fromhex(one) for one in ladder.path.split()] == path(index)


@pytest.mark.parametrize(
    ("signature", "holds"),
    [
        (Signature(("log+1a2b3c4d",)), True),
        (Signature(("log+1a2b3c4d",), problem="it does not verify"), False),
        (Signature(), False),
        (None, False),
    ],
)
def test_it_holds_only_under_a_verified_signature(signature: Signature | None, *, holds: bool) -> None:
    ladder = ladder_of(LEAVES[21], 21, SIZE, path(21), root(HASHES), signature)
    assert ladder.equal
    assert ladder.holds is holds


def test_each_rung_names_what_is_hashed_on_which_side() -> None:
    ladder = ladder_of(LEAVES[21], 21, SIZE, path(21), root(HASHES))
    first = ladder.rungs[0]
    assert (first.side, first.left, first.right) == ("left", HASHES[20], HASHES[21])


def test_another_leaf_does_not_reach_the_root() -> None:
    ladder = ladder_of(b"forged", 21, SIZE, path(21), root(HASHES))
    assert not ladder.equal
    assert not ladder.problem


def test_a_path_of_the_wrong_length_is_told_and_not_raised() -> None:
    ladder = ladder_of(LEAVES[21], 21, SIZE, path(21)[:-1], root(HASHES))
    assert not ladder.equal
    assert ladder.problem


def test_a_log_of_one_leaf_needs_no_rung() -> None:
    ladder = ladder_of(LEAVES[0], 0, 1, [], HASHES[0])
    assert ladder.equal
    assert ladder.rungs == ()
