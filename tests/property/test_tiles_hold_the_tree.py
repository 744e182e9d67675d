from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.core.merkle import consistency_proof, inclusion_proof, leaf_hash, reader_of
from ledger.core.tiles import (
    EntryBundle,
    Tile,
    build_tiles,
    decode_entries,
    encode_entries,
    node_reader,
    tiles_between,
)

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(1300)]
READ = reader_of(LEAVES)


@given(st.lists(st.integers(1, 1300), min_size=1, max_size=5, unique=True).map(sorted), st.data())
def test_a_log_published_at_any_sizes_proves_every_one(sizes: list[int], data: st.DataObject) -> None:
    kept: dict[Tile, bytes] = {}
    before = 0
    for size in sizes:
        written = dict(build_tiles(before, LEAVES[before:size], kept.__getitem__))
        assert list(written) == list(tiles_between(before, size))
        kept |= written
        before = size
    for size in sizes:
        index = data.draw(st.integers(0, size - 1))
        read = node_reader(kept.__getitem__, size)
        assert inclusion_proof(index, size, read) == inclusion_proof(index, size, READ)
        assert consistency_proof(index + 1, size, read) == consistency_proof(index + 1, size, READ)


@given(st.integers(0, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_path_reads_back(level: int, index: int, width: int) -> None:
    assert Tile.parse(Tile(level, index, width).path) == Tile(level, index, width)
    assert EntryBundle.parse(EntryBundle(index, width).path) == EntryBundle(index, width)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_every_bundle_reads_back(entries: list[bytes]) -> None:
    assert decode_entries(encode_entries(entries), len(entries)) == entries
