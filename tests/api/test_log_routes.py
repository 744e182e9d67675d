"""What a stranger computes from `/log/` alone: the log verifies from its tiles, at every published size."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.envelope import parse
from ledger.core.merkle import Frontier
from ledger.core.note import parse_note, verified
from ledger.core.tiles import Tile, bundles_between, decode_entries, node_reader, tiles_between
from ledger.selectors import checkpoints
from ledger.selectors.keys import log_vkeys
from ledger.selectors.streams import StreamView
from tests.api.test_bad_input import check
from tests.support.publishing import get, grown, publish
from tests.support.streams import append, events
from tests.support.world import Place

SIZES = (3, 254, 256, 520)


@pytest.fixture
def stream(acme: Place, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """A public log with checkpoints around the edge of a tile."""
    made = grown(acme.stream, *SIZES, patch=monkeypatch)
    publish(made, tiles=True, entries=True)
    return made


def read(client: Client, stream: StreamView, path: str) -> bytes:
    answer = get(client, stream, path)
    assert answer.status_code == 200, (path, answer.content)
    return bytes(answer.content)


def signed(client: Client, stream: StreamView) -> Checkpoint:
    note = parse_note(read(client, stream, "checkpoint"))
    verified(note, log_vkeys(stream.id))
    return parse_checkpoint(note.text)


def test_the_whole_log_verifies_from_what_is_served(client: Client, stream: StreamView) -> None:
    told = signed(client, stream)
    assert (told.origin, told.size) == (stream.origin, SIZES[-1])
    reader = node_reader(lambda tile: read(client, stream, tile.path), told.size)
    assert Frontier.from_reader(told.size, reader).root() == told.root
    entries = [
        entry
        for bundle in bundles_between(0, told.size)
        for entry in decode_entries(read(client, stream, bundle.path), bundle.width)
    ]
    assert merkle.root([merkle.leaf_hash(entry) for entry in entries]) == told.root
    assert [parse(entry).index for entry in entries] == list(range(told.size))


def test_inclusion_and_consistency_are_computed_from_tiles(client: Client, stream: StreamView) -> None:
    told = signed(client, stream)
    reader = node_reader(lambda tile: read(client, stream, tile.path), told.size)
    for index in (0, 254, 255, 256, 519):
        entry = decode_entries(read(client, stream, _bundle_of(index, told.size)), _width(index, told.size))[
            index % 256
        ]
        proof = merkle.inclusion_proof(index, told.size, reader)
        merkle.verify_inclusion(index, told.size, merkle.leaf_hash(entry), proof, told.root)
    for size in SIZES:
        old = checkpoints.at(stream, size).root
        merkle.verify_consistency(size, told.size, merkle.consistency_proof(size, told.size, reader), old, told.root)


def test_each_published_size_has_all_its_tiles(client: Client, stream: StreamView) -> None:
    for size in SIZES:
        reader = node_reader(lambda tile: read(client, stream, tile.path), size)
        assert Frontier.from_reader(size, reader).root() == checkpoints.at(stream, size).root
        for tile in tiles_between(0, size):
            assert len(read(client, stream, tile.path)) == 32 * tile.width
        for bundle in bundles_between(0, size):
            assert len(decode_entries(read(client, stream, bundle.path), bundle.width)) == bundle.width


def test_the_checkpoint_is_the_signed_note_byte_for_byte(client: Client, stream: StreamView) -> None:
    newest = checkpoints.newest(stream)
    assert newest is not None
    assert read(client, stream, "checkpoint") == newest.note


def test_nothing_is_served_before_the_first_checkpoint(client: Client, acme: Place) -> None:
    publish(acme.stream, tiles=True, entries=True)
    for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        check(get(client, acme.stream, path), 404, "not_found")


def test_nothing_beyond_the_published_size_is_served(client: Client, stream: StreamView, acme: Place) -> None:
    append(acme.stream, *events(f"w{number}" for number in range(300)))
    for path in ("tile/0/002", "tile/0/002.p/9", "tile/0/003.p/1", "tile/entries/002", "tile/entries/002.p/9"):
        check(get(client, acme.stream, path), 404, "not_found")
    assert get(client, acme.stream, "tile/0/002.p/8").status_code == 200


WIDTHS = {
    "tile/0/000.p/3": 200, "tile/0/000.p/254": 200, "tile/0/000": 200, "tile/0/001": 200, "tile/0/002.p/8": 200,
    "tile/1/000.p/1": 200, "tile/1/000.p/2": 200,
    "tile/0/000.p/2": 404, "tile/0/000.p/4": 404, "tile/0/000.p/255": 404, "tile/0/001.p/1": 404,
    "tile/0/001.p/255": 404, "tile/0/002.p/7": 404, "tile/0/002": 404, "tile/1/000": 404, "tile/1/000.p/3": 404,
    "tile/2/000.p/1": 404, "tile/63/000": 404, "tile/63/000.p/1": 404,
    "tile/entries/000.p/3": 200, "tile/entries/002.p/8": 200, "tile/entries/000.p/4": 404, "tile/entries/003": 404,
}  # fmt: skip


def test_a_partial_tile_is_served_only_in_the_width_of_a_published_size(client: Client, stream: StreamView) -> None:
    assert {path: get(client, stream, path).status_code for path in WIDTHS} == WIDTHS


STRANGE = (
    "checkpoint/", "checkpoint.", "Checkpoint", "checkpoints", "", "tile", "tile/", "tile/0", "tile/0/",
    "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/000/",
    "tile/0/x000", "tile/0/x000/000", "tile/0/000/000", "tile/0/x01/000", "tile/0/000.p", "tile/0/000.p/",
    "tile/0/000.p/0", "tile/0/000.p/03", "tile/0/000.p/256", "tile/0/000.p/1000", "tile/0/000.p/+3",
    "tile/0/000.P/3", "tile/0/000.p/3/", "tile/0/000.p3", "tile/0/ 000", "tile/0/000 ", "tile/0/000%0A",
    "tile/0/%D9%A0%D9%A0%D9%A0", "tile/%D9%A0/000", "tile/0/000.p/%D9%A3", "tile/0/0_0", "tile/0/0x0",
    "tile/0/1e2", "tile//000",
    "tile/entries", "tile/entries/", "tile/entries/0", "tile/entries/000/", "tile/entries/000.p/03",
    "tile/entries/000.p/256", "tile/entries/x000/000", "tile/entries/%D9%A0%D9%A0%D9%A0", "tile/data/000",
    "tile/0/../0/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
)  # fmt: skip


def test_a_path_has_one_spelling_and_no_redirect(client: Client, stream: StreamView) -> None:
    for path in STRANGE:
        answer = get(client, stream, path)
        assert (answer.status_code, "Location" in answer) == (404, False), path
        check(answer, 404, "not_found")


def test_what_is_no_resource_of_a_log_is_neither_redirected_nor_there(client: Client, stream: StreamView) -> None:
    for path in ("/log", "/log/", "/log/acme", "/log/acme/decisions", "/log/acme/decisions/"):
        answer = client.get(path)
        assert (answer.status_code, "Location" in answer) == (404, False), path


def test_a_log_is_only_read(client: Client, stream: StreamView) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
            answer = client.generic(method, f"/log/acme/decisions/{path}")
            check(answer, 405, "method_not_allowed")
            assert "GET" in answer["Allow"]


def _bundle_of(index: int, size: int) -> str:
    width = _width(index, size)
    return f"tile/entries/{index // 256:03}" + (f".p/{width}" if width < 256 else "")


def _width(index: int, size: int) -> int:
    return min(256, size - index // 256 * 256)


def test_the_tiles_of_a_size_are_those_of_the_example_of_the_specification() -> None:
    paths: list[Any] = [tile for tile in tiles_between(0, 70_000) if tile.width < 256]
    assert paths == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
