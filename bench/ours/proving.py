"""P7: inclusion proofs as the product gives them: checkpoint and leaf from the database, hashes from tiles."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import random
import time
from unittest.mock import patch

from ledger.core.merkle import inclusion_proof, verify_inclusion
from ledger.selectors import proofs
from ledger.selectors.proofs import ProofView, inclusion
from ledger.selectors.streams import stream
from ledger.storage.files import FileStore


def prove(name: str, count: int, seed: int) -> float:
    """Seconds for one proof, over `count` random leaves; every proof is verified afterwards."""
    target = stream("bench", name)
    chosen = random.Random(seed)  # noqa: S311  which leaves are asked for is no secret
    indices = [chosen.randrange(target.signed_size) for _ in range(count)]
    begun = time.perf_counter()
    found = [inclusion(target, index) for index in indices]
    seconds = time.perf_counter() - begun
    for one in found:
        _check(one)
    return seconds / count


def path(name: str, count: int, seed: int) -> float:
    """Seconds for the hashes of one proof alone, each read from tiles anew: what a Merkle tree's library does."""
    target = stream("bench", name)
    chosen = random.Random(seed)  # noqa: S311  which leaves are asked for is no secret
    indices = [chosen.randrange(target.signed_size) for _ in range(count)]
    begun = time.perf_counter()
    for index in indices:
        inclusion_proof(index, target.signed_size, proofs.node_reader_of(target))
    return (time.perf_counter() - begun) / count


def most_reads(name: str, count: int, seed: int) -> int:
    """The most tiles that one proof of `count` random leaves reads."""
    target = stream("bench", name)
    chosen = random.Random(seed)  # noqa: S311  which leaves are asked for is no secret
    reads, read = [0], FileStore.get

    def counting(self: FileStore, key: str) -> bytes:
        reads[-1] += 1
        return read(self, key)

    with patch.object(FileStore, "get", counting):
        for _ in range(count):
            reads.append(0)
            _check(inclusion(target, chosen.randrange(target.signed_size)))
    return max(reads)


def _check(one: ProofView) -> None:
    verify_inclusion(one.index, one.size, one.leaf_hash, one.hashes, one.root)
