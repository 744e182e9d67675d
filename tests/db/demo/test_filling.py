"""Filling a stream adds what is missing, closes several windows, and done twice adds nothing."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest

from console.demo.filling import LEAST_WINDOW, Filler, pieces, window_size
from console.demo.recovery import recovery_key
from console.demo.sources.making import event_of
from console.demo.terminal import Terminal
from ledger.core.event import RawEvent
from ledger.core.strict_base64 import encode
from ledger.errors import ProfileRefused
from ledger.selectors.checkpoints import newest, windows_of
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import stream


def _events(count: int) -> list[RawEvent]:
    return [event_of("note", "urn:tests", {"n": n}, time=None, subject=f"note/{n}") for n in range(count)]


@pytest.fixture
def filler(tmp_path: Path) -> Filler:
    return Filler(Terminal(io.StringIO(), time.monotonic, live=False), os.urandom, tmp_path / "recovery")


@pytest.mark.db
def test_a_long_stream_gets_several_windows_and_a_checkpoint_over_all(filler: Filler) -> None:
    target = filler.stream("acme", "notes")
    placed = filler.fill(target, _events(3 * LEAST_WINDOW), "Notes")
    assert [one.index for one in placed[:3]] == [1, 2, 3]
    now = stream("acme", "notes")
    head = newest(now)
    assert len(windows_of(now)) == 3
    assert head is not None
    assert head.size == now.size == 1 + 3 * LEAST_WINDOW + 3


@pytest.mark.db
def test_filling_again_adds_nothing_and_names_the_same_places(filler: Filler) -> None:
    target = filler.stream("acme", "notes")
    before = [one.index for one in filler.fill(target, _events(20), "Notes")]
    size = stream("acme", "notes").size
    again = filler.fill(filler.stream("acme", "notes"), _events(20), "Notes")
    assert [one.index for one in again] == before
    assert all(one.replayed for one in again)
    assert stream("acme", "notes").size == size


@pytest.mark.db
def test_an_interrupted_filling_goes_on_where_it_stopped(filler: Filler) -> None:
    target = filler.stream("acme", "notes")
    filler.fill(target, _events(7), "Notes")
    placed = filler.fill(target, _events(12), "Notes")
    assert [one.replayed for one in placed] == [True] * 7 + [False] * 5


@pytest.mark.db
def test_a_stream_that_refuses_takes_no_decision_without_its_profile(filler: Filler) -> None:
    target = filler.stream("acme", "decisions", profiles="refuse")
    bad = event_of("ai.decision", "urn:tests", {"outcome": "code"}, time=None, subject="x")
    with pytest.raises(ProfileRefused):
        filler.fill(target, [bad], "Decisions")
    assert stream("acme", "decisions").size == 1


@pytest.mark.db
def test_genesis_names_the_recovery_key_whose_private_half_lies_sealed(filler: Filler, tmp_path: Path) -> None:
    target = filler.stream("acme", "notes")
    sealed = tmp_path / "recovery" / "acme.notes.sealed"
    named = str(leaf(target, 0).envelope["recovery_key"])
    assert len(named) == len(encode(bytes(32)))
    assert sealed.stat().st_mode & 0o077 == 0
    assert len(sealed.read_bytes()) > 32


def test_a_new_recovery_key_is_drawn_from_the_given_randomness(tmp_path: Path) -> None:
    first = recovery_key(tmp_path, "h/log/acme/notes", lambda size: b"\1" * size)
    assert first == recovery_key(tmp_path, "h/log/acme/notes", lambda size: b"\1" * size)
    assert first != recovery_key(tmp_path, "h/log/acme/notes", lambda size: b"\2" * size)


@pytest.mark.parametrize(("count", "size"), [(1, 500), (1_499, 500), (1_667, 556), (6_000, 2_000), (23_179, 4_000)])
def test_windows_are_several_and_none_is_huge(count: int, size: int) -> None:
    assert window_size(count) == size


def test_pieces_keep_order_and_lose_nothing() -> None:
    events = _events(7)
    assert [event for piece in pieces(events, 3) for event in piece] == events
    assert [len(piece) for piece in pieces(events, 3)] == [3, 3, 1]
