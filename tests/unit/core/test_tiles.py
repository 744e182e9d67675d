from __future__ import annotations

import hashlib

import pytest

from ledger.core.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    reader_of,
    root,
    verify_inclusion,
)
from ledger.core.tiles import (
    KEPT_TILES,
    Tile,
    build_tiles,
    bundles_between,
    hashes_of,
    node_reader,
    tile_holding,
    tiles_between,
)
from ledger.core.types import Hash
from ledger.errors import Malformed

COUNT = 70_000
LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(COUNT)]


def stored(*sizes: int) -> dict[Tile, bytes]:
    """Tiles of a log that was published at each of these sizes."""
    kept: dict[Tile, bytes] = {}
    before = 0
    for size in sizes:
        kept |= dict(build_tiles(before, LEAVES[before:size], kept.__getitem__))
        before = size
    return kept


def test_seventy_thousand_leaves_make_the_tiles_of_the_specification() -> None:
    tiles = list(tiles_between(0, COUNT))
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert tiles[-4:] == [Tile(0, 273, 112), Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert tiles[:273] == [Tile(0, index) for index in range(273)]


def test_a_full_tile_alone_has_a_partial_one_above() -> None:
    assert list(tiles_between(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]


@pytest.mark.parametrize(
    ("old", "new", "tiles"),
    [
        (0, 0, []),
        (5, 5, []),
        (0, 1, [Tile(0, 0, 1)]),
        (250, 255, [Tile(0, 0, 255)]),
        (255, 256, [Tile(0, 0), Tile(1, 0, 1)]),
        (255, 257, [Tile(0, 0), Tile(0, 1, 1), Tile(1, 0, 1)]),
        (256, 258, [Tile(0, 1, 2)]),
    ],
)
def test_only_what_changed_is_written(old: int, new: int, tiles: list[Tile]) -> None:
    assert list(tiles_between(old, new)) == tiles


def test_bundles_follow_the_lowest_tiles() -> None:
    assert [bundle.path for bundle in bundles_between(255, 257)] == [
        "tile/entries/000",
        "tile/entries/001.p/1",
    ]


@pytest.mark.parametrize("sizes", [(COUNT,), (1, 255, 256, 257, 65_535, 65_536, 65_793, COUNT), (65_536, COUNT)])
def test_built_tiles_hold_the_tree(sizes: tuple[int, ...]) -> None:
    kept = stored(*sizes)
    assert set(tiles_between(0, COUNT)) <= set(kept)
    assert hashes_of(Tile(0, 273, 112), kept[Tile(0, 273, 112)]) == LEAVES[273 * 256 :]
    assert hashes_of(Tile(1, 1, 17), kept[Tile(1, 1, 17)])[0] == root(LEAVES[65_536:65_792])
    assert kept[Tile(2, 0, 1)] == root(LEAVES[:65_536])


def test_building_asks_once_for_each_partial_tile_at_the_edge() -> None:
    kept, asked = stored(65_793), []

    def read(tile: Tile) -> bytes:
        asked.append(tile)
        return kept[tile]

    written = dict(build_tiles(65_793, LEAVES[65_793:COUNT], read))
    assert asked == [Tile(0, 257, 1), Tile(1, 1, 1)]
    assert list(written) == list(tiles_between(65_793, COUNT))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 65_536, 65_537, COUNT])
def test_proofs_over_tiles_are_those_over_leaves(size: int) -> None:
    kept = stored(size)
    over_tiles, over_leaves = node_reader(kept.__getitem__, size), reader_of(LEAVES[:size])
    for index in sorted({0, 1, size // 3, size // 2, size - 1} & set(range(size))):
        assert inclusion_proof(index, size, over_tiles) == inclusion_proof(index, size, over_leaves)
        assert consistency_proof(index + 1, size, over_tiles) == consistency_proof(index + 1, size, over_leaves)


def test_a_reader_remembers_the_tiles_of_a_proof_and_not_all_it_ever_read() -> None:
    log = _EndlessLog()
    read = node_reader(log, 10_000_000)
    for old in range(1_000, 1_000_000, 1_001):
        consistency_proof(old, 10_000_000, read)
    held = sum(cell.cell_contents.__len__() for cell in read.__closure__ or () if isinstance(cell.cell_contents, dict))
    assert 0 < held <= KEPT_TILES
    before = len(log.reads)
    assert inclusion_proof(999_000, 10_000_000, read)
    again = len(log.reads)
    assert inclusion_proof(999_000, 10_000_000, read)
    assert again - before <= 8
    assert len(log.reads) == again


def test_a_tile_of_another_length_is_refused() -> None:
    kept = stored(300)
    for wrong in (b"", kept[Tile(0, 0)][:-1], kept[Tile(0, 0)] + b"\x00" * 32):
        with pytest.raises(Malformed):
            hashes_of(Tile(0, 0), wrong)
        with pytest.raises(Malformed):
            node_reader({Tile(0, 0): wrong}.__getitem__, 300)(0, 0)


@pytest.mark.parametrize(("level", "index"), [(0, 300), (0, -1), (-1, 0), (8, 1), (9, 0), (64, 0)])
def test_the_reader_has_no_node_outside_whole_subtrees(level: int, index: int) -> None:
    with pytest.raises(IndexError):
        node_reader(stored(300).__getitem__, 300)(level, index)


class _EndlessLog:
    """Ten million leaves whose tiles are made up on demand: only the number of reads matters."""

    def __init__(self) -> None:
        self.reads: list[Tile] = []

    def __call__(self, tile: Tile) -> bytes:
        self.reads.append(tile)
        seed = tile.path.encode()
        return b"".join(hashlib.sha256(seed + bytes([place])).digest() for place in range(tile.width))


@pytest.mark.parametrize("index", [0, 1, 5_000_000, 8_388_607, 8_388_608, 9_961_472, 9_999_872, 9_999_999])
def test_an_inclusion_proof_at_ten_million_leaves_reads_at_most_eight_tiles(index: int) -> None:
    log = _EndlessLog()
    proof = inclusion_proof(index, 10_000_000, node_reader(log, 10_000_000))
    assert len(log.reads) == len(set(log.reads))
    assert 3 <= len(log.reads) <= 6
    assert len(proof) <= 24


def test_a_tile_is_as_wide_as_the_tree_has_it() -> None:
    assert tile_holding(0, 299, 300) == Tile(0, 1, 44)
    assert tile_holding(0, 255, 300) == Tile(0, 0)
    assert tile_holding(1, 0, 300) == Tile(1, 0, 1)


def test_a_leaf_of_a_stored_log_verifies() -> None:
    read = node_reader(stored(COUNT).__getitem__, COUNT)
    verify_inclusion(69_999, COUNT, Hash(LEAVES[69_999]), inclusion_proof(69_999, COUNT, read), root(LEAVES))
