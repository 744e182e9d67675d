from __future__ import annotations

from hashlib import sha256

import pytest

from ledger.core.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash, reader_of, root
from ledger.core.merkle.hashing import joined_reader_of
from ledger.core.types import Hash
from ledger.errors import ProofMalformed
from tests.vectors.known_trees import ENTRIES, ROOTS

LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_are_reached(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size]


def test_leaves_nodes_and_the_empty_tree_have_their_own_domains() -> None:
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert node_hash(LEAVES[0], LEAVES[1]) == sha256(b"\x01" + LEAVES[0] + LEAVES[1]).digest()
    assert sha256(b"").digest() == EMPTY_ROOT


def test_the_frontier_follows_the_published_roots() -> None:
    edge = Frontier()
    for size, leaf in enumerate(LEAVES):
        assert (edge.size, edge.root().hex()) == (size, ROOTS[size])
        edge.append(leaf)
    assert edge.nodes == (Hash(bytes.fromhex(ROOTS[8])),)


def test_the_frontier_is_rebuilt_from_its_nodes() -> None:
    edge = Frontier()
    edge.extend(LEAVES[:5])
    again = Frontier.from_nodes(5, edge.nodes)
    again.extend(LEAVES[5:7])
    assert (again.size, again.root().hex()) == (7, ROOTS[7])
    assert edge.size == 5
    assert again.nodes == Frontier.from_reader(7, reader_of(LEAVES)).nodes


@pytest.mark.parametrize(("size", "count"), [(5, 1), (5, 3), (0, 1), (-1, 0), (4, 0), (2**63, 1)])
def test_the_frontier_refuses_a_wrong_number_of_nodes(size: int, count: int) -> None:
    with pytest.raises(ProofMalformed):
        Frontier.from_nodes(size, LEAVES[:count])


def test_the_frontier_refuses_hashes_of_another_length() -> None:
    with pytest.raises(ProofMalformed):
        Frontier.from_nodes(1, [Hash(b"short")])
    with pytest.raises(ProofMalformed):
        Frontier().append(Hash(LEAVES[0] + b"x"))


@pytest.mark.parametrize(("level", "index"), [(0, 5), (0, -1), (-1, 0), (1, 2), (2, 1), (3, 0)])
def test_the_reader_has_no_node_outside_whole_subtrees(level: int, index: int) -> None:
    with pytest.raises(IndexError):
        reader_of(LEAVES[:5])(level, index)


def test_the_reader_gives_perfect_subtrees() -> None:
    read = reader_of(LEAVES[:7])
    assert read(0, 6) == LEAVES[6]
    assert read(2, 0).hex() == ROOTS[4]
    assert read(1, 2) == node_hash(LEAVES[4], LEAVES[5])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, len(LEAVES)])
def test_hashes_one_behind_the_other_have_the_same_subtrees(count: int) -> None:
    leaves = LEAVES[:count]
    one, other = reader_of(leaves), joined_reader_of(b"".join(leaves))
    for level in range(count.bit_length()):
        for index in range(count >> level):
            assert other(level, index) == one(level, index)
        with pytest.raises(IndexError, match=f"over {count} leaves"):
            other(level, count >> level)
    for level, index in ((-1, 0), (0, -1)):
        with pytest.raises(IndexError):
            other(level, index)
