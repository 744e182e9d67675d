"""Published tiles that are no longer stored are made again, and compared with a signed root before they are given."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from ledger.core import merkle
from ledger.core.entry_bundles import EntryBundle
from ledger.core.merkle import Frontier
from ledger.core.tiles import Tile, bundles_between, decode_entries, hashes_of, node_reader, tiles_between
from ledger.errors import IntegrityLost, NotThere
from ledger.selectors import checkpoints, tiles
from ledger.selectors.streams import StreamView
from ledger.storage import store, tile_key
from tests.support.publishing import grown
from tests.support.streams import new_stream

pytestmark = pytest.mark.db

SIZES = (3, 254, 256, 520)


@pytest.fixture
def stream(ledger_db: object, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """Checkpoints around the edge of a tile."""
    return grown(new_stream(), *SIZES, patch=monkeypatch)


def published() -> list[Tile]:
    return list(dict.fromkeys(tile for size in SIZES for tile in tiles_between(0, size)))


def bundles() -> list[EntryBundle]:
    return list(dict.fromkeys(bundle for size in SIZES for bundle in bundles_between(0, size)))


def lose(stream: StreamView, *paths: str) -> None:
    for path in paths:
        store().delete(tile_key(stream.origin, path))


def stored(stream: StreamView) -> set[str]:
    return set(store().keys(f"tiles/{stream.origin}"))


def test_every_tile_of_every_published_size_is_stored(stream: StreamView) -> None:
    paths = [*(tile.path for tile in published()), *(bundle.path for bundle in bundles())]
    wanted = {tile_key(stream.origin, path) for path in paths}
    assert stored(stream) == wanted


@pytest.mark.parametrize("tile", published(), ids=lambda tile: tile.path)
def test_one_that_is_lost_is_made_again(stream: StreamView, tile: Tile) -> None:
    before = tiles.hash_tile(stream, tile)
    lose(stream, tile.path)
    left = stored(stream)
    assert tiles.hash_tile(stream, tile) == before
    assert stored(stream) == left


@pytest.mark.parametrize("bundle", bundles(), ids=lambda bundle: bundle.path)
def test_a_bundle_that_is_lost_is_made_again(stream: StreamView, bundle: EntryBundle) -> None:
    before = tiles.entry_bundle(stream, bundle)
    lose(stream, bundle.path)
    assert tiles.entry_bundle(stream, bundle) == before


def test_all_of_them_are_made_again_from_the_leaves_and_verify_from_tiles_alone(stream: StreamView) -> None:
    lose(stream, *[tile.path for tile in published()], *[bundle.path for bundle in bundles()])
    for size in SIZES:
        reader = node_reader(lambda tile: tiles.hash_tile(stream, tile), size)
        root = checkpoints.at(stream, size).root
        assert Frontier.from_reader(size, reader).root() == root
        entries = [
            entry
            for bundle in bundles_between(0, size)
            for entry in decode_entries(tiles.entry_bundle(stream, bundle), bundle.width)
        ]
        assert merkle.root([merkle.leaf_hash(entry) for entry in entries]) == root


def test_a_partial_tile_comes_from_the_full_one_without_a_leaf(
    stream: StreamView, django_assert_max_num_queries: Any
) -> None:
    lose(stream, "tile/0/000.p/254", "tile/entries/000.p/254")
    with django_assert_max_num_queries(1):
        data = tiles.hash_tile(stream, Tile(0, 0, 254))
    assert data == tiles.hash_tile(stream, Tile(0, 0))[: 254 * 32]
    bundle = tiles.entry_bundle(stream, EntryBundle(0, 254))
    assert decode_entries(bundle, 254) == decode_entries(tiles.entry_bundle(stream, EntryBundle(0)))[:254]


def test_a_tile_of_another_length_counts_as_lost(stream: StreamView) -> None:
    before = tiles.hash_tile(stream, Tile(0, 1))
    lose(stream, "tile/0/001")
    store().put(tile_key(stream.origin, "tile/0/001"), before[:-1])
    assert tiles.hash_tile(stream, Tile(0, 1)) == before


@pytest.mark.parametrize("lost", [Tile(0, 0, 3), Tile(0, 0), Tile(0, 2, 8)], ids=lambda tile: tile.path)
def test_what_was_altered_meanwhile_is_not_given(
    stream: StreamView, admin_connection: psycopg.Connection[Any], lost: Tile
) -> None:
    lose(stream, lost.path, Tile(0, 0).path, EntryBundle(lost.index, lost.width).path, EntryBundle(0).path)
    index = lost.start + 2
    admin_connection.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER ALL")
    admin_connection.execute(
        "UPDATE ledger_leaf SET bytes = convert_to(replace(convert_from(bytes, 'UTF8'), '\"recorded\":\"20',"
        " '\"recorded\":\"19'), 'UTF8') WHERE stream_id = %s AND index = %s",
        [stream.id, index],
    )
    with pytest.raises(IntegrityLost):
        tiles.hash_tile(stream, lost)
    with pytest.raises(IntegrityLost):
        tiles.entry_bundle(stream, EntryBundle(lost.index, lost.width))


@pytest.mark.parametrize(
    "tile",
    [
        Tile(0, 0, 2), Tile(0, 0, 4), Tile(0, 0, 255), Tile(0, 1, 1), Tile(0, 2), Tile(0, 2, 7), Tile(0, 2, 9),
        Tile(0, 3, 1), Tile(1, 0), Tile(1, 0, 3), Tile(1, 1, 1), Tile(2, 0, 1), Tile(7, 0, 1), Tile(63, 0),
    ],
    ids=lambda tile: tile.path,
)  # fmt: skip
def test_what_no_checkpoint_has_is_not_there(stream: StreamView, tile: Tile) -> None:
    with pytest.raises(NotThere):
        tiles.hash_tile(stream, tile)


def test_the_upper_tile_holds_the_roots_of_the_lower_ones(stream: StreamView) -> None:
    upper = hashes_of(Tile(1, 0, 2), tiles.hash_tile(stream, Tile(1, 0, 2)))
    assert upper == [
        merkle.root(hashes_of(Tile(0, at), tiles.hash_tile(stream, Tile(0, at)))) for at in range(len(upper))
    ]
