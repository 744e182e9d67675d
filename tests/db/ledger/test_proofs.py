"""Proofs from tiles: they verify, and read few tiles."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.core import merkle
from ledger.core.proof import parse_proof
from ledger.core.witness_policy import parse_policy
from ledger.errors import NotThere
from ledger.selectors import checkpoints, proofs
from ledger.selectors.health import policy_in_force
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from ledger.storage.files import FileStore
from tests.support.log_audit import audit
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    for start, end in ((0, 3), (3, 700), (700, 701)):
        append(made, *events(range(start, end)))
        seal_window(made.id, reason="request")
    append(made, *events(range(800, 805)))
    return fresh(made)


def test_every_leaf_is_proved_in_every_checkpoint_that_covers_it(stream: StreamView) -> None:
    leaves = audit(stream).leaves
    sizes = [one.size for one in checkpoints.checkpoints_of(stream)]
    assert sizes == [705, 703, 5]
    for size in sizes:
        for index in {0, 1, 4, 255, 256, 511, 512, 702, 704} & set(range(size)):
            proof = proofs.inclusion(stream, index, size)
            assert proof.leaf_hash == leaves[index].leaf_hash
            merkle.verify_inclusion(index, size, proof.leaf_hash, list(proof.hashes), proof.root)


def test_a_proof_file_convinces_a_reader_with_the_policy(stream: StreamView) -> None:
    proof = proofs.inclusion(stream, 300)
    read = parse_proof(proof.tlog_proof().to_bytes())
    policy = parse_policy(policy_in_force(stream).encode())
    result = read.verify(audit(stream).leaves[300].leaf_hash, policy)
    assert result.quorum_met


def test_checkpoints_are_consistent_with_each_other(stream: StreamView) -> None:
    newer, middle, older = checkpoints.checkpoints_of(stream)
    for old, new in ((older, middle), (middle, newer), (older, newer)):
        found = proofs.consistency(stream, old.size, new.size)
        merkle.verify_consistency(old.size, new.size, found, old.root, new.root)


def test_a_range_is_proved(stream: StreamView) -> None:
    hashes = [leaf.leaf_hash for leaf in audit(stream).leaves]
    newest = checkpoints.newest(stream)
    assert newest is not None
    for start, end in ((0, 1), (100, 600), (255, 257), (0, newest.size)):
        found = proofs.range_hashes(stream, start, end, newest.size)
        merkle.verify_range(start, hashes[start:end], newest.size, found, newest.root)


def test_what_no_checkpoint_covers_is_not_proved(stream: StreamView) -> None:
    with pytest.raises(NotThere):
        proofs.inclusion(stream, 705)
    with pytest.raises(NotThere):
        proofs.inclusion(stream, 0, size=704)
    with pytest.raises(NotThere):
        proofs.consistency(stream, 5, 706)
    with pytest.raises(NotThere):
        proofs.inclusion(new_stream("unsealed"), 0)


def test_an_inclusion_proof_reads_few_tiles(stream: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    get = FileStore.get

    def counting(self: FileStore, key: str) -> bytes:
        read.append(key)
        return get(self, key)

    monkeypatch.setattr(FileStore, "get", counting)
    proofs.inclusion(stream, 300)
    assert 0 < len(read) == len(set(read)) <= 8


def test_a_proof_needs_no_leaf_but_its_own(stream: StreamView, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        proofs.inclusion(stream, 300)
