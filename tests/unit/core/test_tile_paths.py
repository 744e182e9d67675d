from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.core.tiles import EntryBundle, Tile
from ledger.errors import Malformed

PATHS = (
    (Tile(0, 0), "tile/0/000"),
    (Tile(0, 1234067), "tile/0/x001/x234/067"),
    (Tile(1, 999, 17), "tile/1/999.p/17"),
    (Tile(2, 1000, 255), "tile/2/x001/000.p/255"),
    (Tile(63, 7, 1), "tile/63/007.p/1"),
)
BUNDLES = (
    (EntryBundle(0), "tile/entries/000"),
    (EntryBundle(1234067), "tile/entries/x001/x234/067"),
    (EntryBundle(273, 112), "tile/entries/273.p/112"),
)


@pytest.mark.parametrize(("tile", "path"), PATHS)
def test_a_tile_and_its_path_are_one(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(("bundle", "path"), BUNDLES)
def test_a_bundle_and_its_path_are_one(bundle: EntryBundle, path: str) -> None:
    assert bundle.path == path
    assert EntryBundle.parse(path) == bundle


NUMBERS = (
    "",
    "0",
    "00",
    "0000",
    "x000/000",
    "x000/x001/000",
    "001/000",
    "x001",
    "x001/x000",
    "x1/000",
    "000/",
    "/000",
    "000.p/0",
    "000.p/00",
    "000.p/01",
    "000.p/256",
    "000.p/257",
    "000.p/",
    "000.p",
    "000.p/1/",
    "000.p/-1",
    "000.p/\u0661",
    "\u0660\u0660\u0660",
    "000\n",
    "000.p/1\n",
    " 000",
    "-01",
    "x009/x223/x372/x036/x854/x775/808",
    "x001/" * 2000 + "000",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "parse",
    [
        lambda number: Tile.parse(f"tile/0/{number}"),
        lambda number: EntryBundle.parse(f"tile/entries/{number}"),
    ],
)
def test_another_spelling_of_a_number_is_refused(parse: Callable[[str], object], number: str) -> None:
    with pytest.raises(Malformed):
        parse(number)


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/\u0661/000",
        "tile/100/000",
        "/tile/0/000",
        "tile/entries/000",
        "Tile/0/000",
        "tile//000",
    ],
)
def test_a_level_has_one_spelling_up_to_63(path: str) -> None:
    with pytest.raises(Malformed):
        Tile.parse(path)


def test_the_largest_index_of_a_log_is_still_a_path() -> None:
    path = "tile/0/x009/x223/x372/x036/x854/x775/807"
    assert Tile.parse(path).path == path


def test_a_hash_tile_is_no_bundle() -> None:
    with pytest.raises(Malformed):
        EntryBundle.parse("tile/0/000")
