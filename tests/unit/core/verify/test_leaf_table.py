"""The table of leaves answers like lists of their indices, lines and hashes, whatever gaps they have."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from random import Random

import pytest

from ledger.core.bundle.layout import LEAVES
from ledger.core.tar import Member
from ledger.core.types import Hash
from ledger.core.verify import hash_shelf
from ledger.core.verify.archive import Archive
from ledger.core.verify.table import EVENT, OTHER, REDACTED, LeafTable
from tests.corpus.log import Log


@dataclass
class Rows:
    """The same, as plain lists."""

    table: LeafTable
    indices: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    hashes: list[Hash] = field(default_factory=list)
    states: list[int] = field(default_factory=list)


def filled(seed: int, size: int) -> Rows:
    dice = Random(seed)  # noqa: S311  repeatable gaps, no secret
    rows, index, at = Rows(LeafTable(Archive(io.BytesIO(b"tar"), "", 3))), dice.randrange(5), 0
    while len(rows.indices) < size:
        index += dice.randrange(1, 4) if dice.random() < 0.15 else 0
        at += dice.randrange(300) if dice.random() < 0.15 else 0
        count = dice.choice((*(1,) * 60, 5, 256, 300, 700))
        hashes = [Hash(sha256(b"%d" % (index + one)).digest()) for one in range(count)]
        lengths = [dice.randrange(65_536) if dice.random() < 0.1 else 350 for _ in range(count)]
        spans = [(at + sum(lengths[:one]) + one, length) for one, length in enumerate(lengths)]
        state = EVENT if count > 1 else dice.choice((EVENT, OTHER, REDACTED))
        if count > 1:
            rows.table.add_usual(index, hashes, lengths, at)
        else:
            rows.table.add(index, hashes[0], state, spans[0])
        rows.indices += range(index, index + count)
        rows.spans += spans
        rows.hashes += hashes
        rows.states += [state] * count
        index, at = index + count, sum(spans[-1]) + 1
    return rows


@pytest.fixture(params=range(12), scope="module")
def rows(request: pytest.FixtureRequest) -> Rows:
    return filled(request.param, 3000)


def test_every_leaf_is_found_in_its_place(rows: Rows) -> None:
    table = rows.table
    assert (len(table), table.first, table.last) == (len(rows.indices), rows.indices[0], rows.indices[-1])
    for place, index in enumerate(rows.indices):
        assert (table.index_at(place), table.place_of(index)) == (index, place)
        assert table.span(place) == rows.spans[place]
        assert table.hash_of(index) == rows.hashes[place]
        assert table.state_of(index) == rows.states[place]


def test_what_is_not_there_is_not_found(rows: Rows) -> None:
    held = set(rows.indices)
    absent = [index for index in range(rows.indices[-1] + 9) if index not in held]
    assert absent
    for index in absent:
        assert (rows.table.place_of(index), rows.table.hash_of(index), rows.table.state_of(index)) == (None,) * 3


def test_parts_of_it_are_as_the_lists_have_them(rows: Rows) -> None:
    dice = Random(7)  # noqa: S311  repeatable places, no secret
    for _ in range(800):
        start, length = dice.randrange(rows.indices[-1] + 3), dice.choice((1, 2, 50, 256, 600))
        end = start + length
        inside = [place for place, index in enumerate(rows.indices) if start <= index < end]
        assert rows.table.shown_between(start, end) == sum(rows.states[place] != REDACTED for place in inside)
        whole = [rows.hashes[place] for place in inside] if len(inside) == length else None
        assert rows.table.hashes_between(start, end - 1) == whole


def test_lines_are_in_a_row_where_nothing_lies_between_them(rows: Rows) -> None:
    dice = Random(8)  # noqa: S311  repeatable places, no secret
    met = set()
    for _ in range(800):
        start = dice.randrange(len(rows.indices))
        end = min(start + dice.choice((1, 2, 50, 256, 600)), len(rows.indices))
        spans = rows.spans[start:end]
        lines = all(sum(one) + 1 == other[0] for one, other in pairwise(spans))
        indices = rows.indices[end - 1] - rows.indices[start] == end - start - 1
        found = (spans[0][0], sum(spans[-1]) - spans[0][0]) if lines and indices else None
        assert rows.table.in_a_row(start, end) == found
        met.add((lines, indices))
    assert len(met) == 4


def test_hashes_that_were_written_out_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_shelf, "HELD", 320)
    stream = io.BytesIO(b"tar")
    shelf, hashes = hash_shelf.HashShelf(stream, 3), [Hash(sha256(bytes([one])).digest()) for one in range(45)]
    for one in hashes:
        shelf.append(one)
    assert len(stream.getvalue()) == 3 + 40 * 32
    for start in range(45):
        for end in range(start, 46):
            assert shelf.joined(start, end) == b"".join(hashes[start:end])
            assert shelf.between(start, end) == hashes[start:end]


@pytest.mark.parametrize("usual", [0, 1])
def test_only_an_event_commits_to_an_object(usual: int) -> None:
    log = Log()
    log.genesis()
    log.events(0, 3)
    log.seal()
    data = b"".join(leaf.raw + b"\n" for leaf in log.leaves)
    archive = Archive(io.BytesIO(data), "", len(data), {LEAVES: Member(LEAVES, len(data), 0, "")})
    table, at = LeafTable(archive), 0
    for leaf in log.leaves:
        table.add(leaf.index, leaf.leaf_hash, EVENT if leaf.kind == "event" else OTHER, (at, len(leaf.raw)))
        at += len(leaf.raw) + 1
    table.usual[:] = bytes([usual]) * len(log.leaves)
    for place, leaf in enumerate(log.leaves):
        for role in ("attrs", "payload"):
            stated = bytes.fromhex(str(leaf.fields[role])) if leaf.kind == "event" else None
            assert table.commitment(archive, place, role) == stated
