"""A log written by transparency-dev/tessera: bundles, hash tiles and the roots of its checkpoints."""

from __future__ import annotations

import base64

import pytest

from ledger.core.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from ledger.core.tiles import (
    EntryBundle,
    Tile,
    build_tiles,
    decode_entries,
    encode_entries,
    hashes_of,
    node_reader,
)
from ledger.core.types import Hash
from tests.vectors.shared import SHARED, missing

pytestmark = [
    pytest.mark.optional,
    pytest.mark.skipif(missing("tessera-log"), reason="the set is not beside the repository"),
]

LOG = SHARED / "tessera-log" / "testdata" / "log"
SIZES = range(1, 16)


def published_root(size: int) -> Hash:
    lines = (LOG / f"checkpoint.{size}").read_text().splitlines()
    assert int(lines[1]) == size
    return Hash(base64.b64decode(lines[2]))


def read_tile(tile: Tile) -> bytes:
    return (LOG / tile.path).read_bytes()


def entries(size: int) -> list[bytes]:
    return decode_entries((LOG / EntryBundle(0, size).path).read_bytes(), size)


@pytest.mark.parametrize("size", SIZES)
def test_bundles_tiles_and_checkpoints_agree(size: int) -> None:
    leaves = [leaf_hash(entry) for entry in entries(size)]
    assert leaves == hashes_of(Tile(0, 0, size), read_tile(Tile(0, 0, size)))
    assert root(leaves) == published_root(size)


@pytest.mark.parametrize("size", SIZES)
def test_our_tiles_and_bundles_are_theirs_byte_for_byte(size: int) -> None:
    leaves = [leaf_hash(entry) for entry in entries(size)]
    written = list(build_tiles(size - 1, leaves[-1:], read_tile))
    assert written == [(Tile(0, 0, size), read_tile(Tile(0, 0, size)))]
    assert encode_entries(entries(size)) == (LOG / EntryBundle(0, size).path).read_bytes()


@pytest.mark.parametrize("size", SIZES)
def test_proofs_from_their_tiles_reach_their_roots(size: int) -> None:
    read = node_reader(read_tile, size)
    leaves = hashes_of(Tile(0, 0, size), read_tile(Tile(0, 0, size)))
    for index in range(size):
        verify_inclusion(index, size, leaves[index], inclusion_proof(index, size, read), published_root(size))
        proof = consistency_proof(index + 1, size, read)
        verify_consistency(index + 1, size, proof, published_root(index + 1), published_root(size))


def test_the_empty_log_has_the_empty_root() -> None:
    assert root([]) == published_root(0)
